export declare const quickerStore: (text: string) => string;
