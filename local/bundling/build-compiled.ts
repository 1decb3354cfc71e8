import { findEsbuild } from '../dev/esbuild';
import { compilePlugin } from './compile-plugin';

/** Input of this program, which a synthesis starts. The program reads the input as JSON from the standard input. */
interface Request {
  readonly projectRoot: string;
  /** Folders in which esbuild is looked up. */
  readonly from: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Builds with the compile plugin and writes the result as JSON to the standard output. */
async function main(): Promise<object> {
  const { projectRoot, options, from } = JSON.parse(await read()) as Request;
  const esbuild = findEsbuild(from);
  if (!esbuild) return { failure: { message: 'esbuild was not found' } };
  const tsconfig = options.tsconfig as string | undefined;
  try {
    const plugins = [compilePlugin({ projectRoot, tsconfig })];
    const { outputFiles, metafile, warnings } = await esbuild.build({ ...options, plugins });
    const files = outputFiles.map((file) => ({
      path: file.path,
      contents: Buffer.from(file.contents).toString('base64'),
    }));
    return { outputFiles: files, metafile, warnings };
  } catch (error) {
    const { message, errors } = error as Error & { errors?: unknown };
    return { failure: { message, errors } };
  } finally {
    await esbuild.stop();
  }
}

async function read(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

void main().then((answer) => process.stdout.write(JSON.stringify(answer)));
