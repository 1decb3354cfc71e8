import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly bundledDependencies?: readonly string[];
  readonly bundleDependencies?: readonly string[];
}

interface Installed {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * An npm registry on this machine that serves the packages of a repository's node_modules: an installation from it takes the versions that the
 * repository is tested with, and needs no network.
 */
export class LocalRegistry {
  private readonly server = createServer((request, response) => this.answer(request, response));
  private readonly packages: ReadonlyMap<string, readonly Installed[]>;

  public constructor(root: string) {
    this.packages = installedIn(root);
  }

  /** @returns its address */
  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.address;
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  private answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const [, name = '', version] = /^\/([^?]*?)(?:\/-\/([^/]+)\.tar)?(?:\?.*)?$/.exec(decodeURIComponent(url)) ?? [];
    const found = this.packages.get(name);
    if (!found) {
      response.writeHead(404).end('{}');
      return;
    }
    const asked = found.find(({ manifest }) => manifest.version === version);
    if (asked) sendTarball(asked, response);
    else
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.document(name, found)));
  }

  private document(name: string, found: readonly Installed[]): object {
    const versions = found.map(({ manifest }) => {
      const { optionalDependencies = {}, version } = manifest;
      // packages for other platforms are not installed here
      const optional = Object.entries(optionalDependencies).filter(([dependency]) => this.packages.has(dependency));
      const dist = { tarball: `${this.address}${name}/-/${version}.tar` };
      return [version, { ...manifest, optionalDependencies: Object.fromEntries(optional), dist }];
    });
    return { name, 'dist-tags': { latest: found[0]?.manifest.version }, versions: Object.fromEntries(versions) };
  }
}

/** Returns the installed packages of the lock file by name. The copy at the top of node_modules comes first. */
function installedIn(root: string): Map<string, Installed[]> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, object>;
  };
  const packages = new Map<string, Installed[]>();
  const paths = Object.keys(lock.packages).filter((path) => path.startsWith('node_modules/'));
  for (const path of paths.sort((a, b) => a.split('/').length - b.split('/').length)) {
    const folder = join(root, path);
    if (!existsSync(join(folder, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    packages.set(manifest.name, [...(packages.get(manifest.name) ?? []), { folder, manifest }]);
  }
  return packages;
}

/** npm removes the first folder of each path, whatever the name of this folder is. */
function sendTarball({ folder, manifest }: Installed, response: ServerResponse): void {
  const bundles = manifest.bundledDependencies ?? manifest.bundleDependencies ?? [];
  const exclude = bundles.length > 0 ? [] : [`--exclude=${basename(folder)}/node_modules`];
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  spawn('tar', ['-cf', '-', ...exclude, '-C', dirname(folder), basename(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  }).stdout.pipe(response);
}
