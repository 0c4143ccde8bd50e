/** Declarations: what esbuild understands and tsc does not. */
declare module '*.css';
declare const __STAMP__: string;
declare const __CASE__: string;
