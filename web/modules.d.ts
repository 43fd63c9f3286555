// Vite bundles imported style sheets; for TypeScript such an import has no value.
declare module '*.css';
