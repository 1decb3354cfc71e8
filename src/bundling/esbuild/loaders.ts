/** Extensions of files that are imported as strings: templates, queries, certificates, settings. */
const TEXT = [
  ...['.csv', '.tsv', '.md', '.html', '.htm', '.xml', '.svg', '.css', '.sql', '.graphql', '.gql', '.proto'],
  ...['.yaml', '.yml', '.toml', '.ini', '.ndjson', '.jsonl', '.txt', '.log'],
  ...['.hbs', '.handlebars', '.mustache', '.ejs', '.njk', '.liquid', '.pug', '.tmpl', '.tpl', '.mjml'],
  ...['.pem', '.crt', '.cer', '.key', '.pub', '.ics', '.vtt', '.srt', '.po'],
];

/** Extensions of files that are imported as a `Uint8Array`: images, fonts, documents, programs. */
const BINARY = [
  ...['.png', '.jpg', '.jpeg', '.gif', '.webp', '.avif', '.bmp', '.ico', '.tif', '.tiff'],
  ...['.ttf', '.otf', '.woff', '.woff2', '.eot', '.icc'],
  ...['.pdf', '.docx', '.xlsx', '.pptx', '.zip', '.gz', '.br', '.tar', '.wasm', '.onnx', '.bin', '.dat', '.mmdb'],
  ...['.mp3', '.wav', '.ogg', '.mp4', '.webm', '.der', '.p12', '.pfx'],
];

/** Loaders by file extension, in addition to esbuild's own for JavaScript, TypeScript and JSON. */
export const LOADERS: { readonly [extension: string]: string } = Object.fromEntries([
  ...TEXT.map((extension) => [extension, 'text']),
  ...BINARY.map((extension) => [extension, 'binary']),
]);
