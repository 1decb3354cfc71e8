import { existsSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Resource } from '../../emulator/assembly';
import type { TempDir } from '../temp-dir';
import { unzip } from './unzip';

/** Location of code: a function's `Code` or a layer's `Content`. */
interface CodeProperty {
  readonly S3Key?: string;
  readonly ZipFile?: string;
  readonly ImageUri?: string;
}

/**
 * Returns the folder of a function's or a layer's code. Zip files and inline code are first written to the run's
 * temporary folder.
 *
 * @throws Error if the code is not in the assembly
 */
export function codeFolder(resource: Resource, code: CodeProperty, temp: TempDir): string {
  if (code.ImageUri !== undefined) throw new Error('container images are not run locally');
  if (code.ZipFile !== undefined) return inlineCode(resource, code.ZipFile, temp);
  const asset = code.S3Key === undefined ? undefined : resource.asset(code.S3Key);
  if (asset === undefined || !existsSync(asset)) {
    throw new Error(`its code is not in the assembly: ${code.S3Key ?? 'neither S3Key nor ZipFile is given'}`);
  }
  return statSync(asset).isDirectory() ? asset : unpack(asset, temp);
}

function inlineCode(resource: Resource, source: string, temp: TempDir): string {
  const folder = temp.folder(path.join('inline', resource.stackName, resource.logicalId));
  const runtime = String(resource.properties().Runtime ?? '');
  writeFileSync(path.join(folder, runtime.startsWith('python') ? 'index.py' : 'index.js'), source);
  return folder;
}

/**
 * Unpacks a zip file. The names of asset files contain a hash of the content, so functions with the same content share
 * one folder.
 */
function unpack(asset: string, temp: TempDir): string {
  const folder = temp.folder(path.join('code', path.basename(asset, '.zip')));
  unzip(asset, folder);
  return folder;
}
