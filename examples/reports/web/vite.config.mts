import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // relative, so that the page can be served from any folder
  base: './',
  plugins: [react()],
  resolve: {
    // This repository's client from its sources, so that the page builds without a build of the client before.
    // In an app of your own, `npm i cdk-streamer-client` and leave this out.
    alias: { 'cdk-streamer-client': here('../../../client-sdks/typescript/src/index.ts') },
  },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
});
