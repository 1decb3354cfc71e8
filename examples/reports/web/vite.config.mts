import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: __dirname,
  // relative, so that the page can be served from any folder
  base: './',
  plugins: [react()],
  resolve: {
    // This repository's client from its sources, so that the page builds without a build of the client before.
    // In an app of your own, `npm i cdk-streamer-client` and leave this out.
    alias: { 'cdk-streamer-client': resolve(__dirname, '../../../client-sdks/typescript/src/index.ts') },
  },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
});
