export declare const withoutUnusedMethods: (
  text: string,
  className: string,
  user: string,
) => string;
