// Removes from the snapshots everything that integ-runner does not compare: the metadata of each construct, the tree of constructs and the
// feature flags. The templates and the lists of assets remain, so that the diff of a snapshot shows the change of a template.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const UNCOMPARED_TYPES = ['cdk:tree', 'cdk:feature-flag-report'];
const UNCOMPARED_FILES = /\.metadata\.json$|^tree\.json$/;

function trimManifest(file) {
  const { artifacts, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  const compared = Object.entries(artifacts)
    .filter(([, { type }]) => !UNCOMPARED_TYPES.includes(type))
    // the first is a file that is removed, the second holds what older versions of the CDK wrote instead of it
    .map(([name, { additionalMetadataFile: _, metadata: __, ...artifact }]) => [name, artifact]);
  const trimmed = { ...manifest, artifacts: Object.fromEntries(compared) };
  writeFileSync(file, `${JSON.stringify(trimmed, undefined, 2)}\n`);
}

for (const name of readdirSync(folder).filter((each) => each.endsWith('.snapshot'))) {
  const snapshot = join(folder, name);
  for (const file of readdirSync(snapshot).filter((each) => UNCOMPARED_FILES.test(each))) rmSync(join(snapshot, file));
  trimManifest(join(snapshot, 'manifest.json'));
}
