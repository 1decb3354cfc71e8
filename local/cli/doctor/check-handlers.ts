import { loadAssembly } from '../../emulator/assembly';
import { TempDir } from '../../run/temp-dir';
import { readProject } from '../project';
import { synthesize } from '../synthesize';
import { type Finding, fail, ok } from './check';

/** Synthesizes the app and checks the result. The synthesis finds and bundles each handler. */
export async function checkHandlers(project: string, signal: AbortSignal): Promise<Finding[]> {
  const { app, context } = readProject(project);
  if (app === undefined) return [];
  const temp = new TempDir();
  const outDir = temp.folder('cdk.out');
  try {
    await synthesize({ command: app, cwd: project, outDir, context, signal });
    return [ok('the app is synthesized, its handlers are bundled'), checkApi(outDir)];
  } catch (error) {
    return [fail((error as Error).message, 'the output of the app is above')];
  } finally {
    temp.remove();
  }
}

function checkApi(assemblyDir: string): Finding {
  const { resources } = loadAssembly(assemblyDir);
  const apis = resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Api');
  if (apis.length > 0) return ok(`it has a WebSocket API: ${apis.map((api) => api.path).join(', ')}`);
  return fail('the app has no WebSocket API', "add one to a stack: new StreamerApi(this, 'Streamer', …)");
}
