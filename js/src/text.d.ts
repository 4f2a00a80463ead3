/** Style sheets are imported as text: esbuild's `text` loader puts them into the bundle. */
declare module '*.css' {
  const text: string;
  export default text;
}
