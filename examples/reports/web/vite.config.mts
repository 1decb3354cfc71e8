import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // relative paths, so that any folder can serve the page
  base: './',
  plugins: [react()],
  resolve: {
    // The sources of this repository's client, so that the page can be built before the client. In other apps, install
    // `cdk-streamer-client` and remove this line.
    alias: { 'cdk-streamer-client': here('../../../client-sdks/typescript/src/index.ts') },
  },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
});
