/** Stylesheets are bundled by esbuild into inspector.css. */
declare module "*.css";
