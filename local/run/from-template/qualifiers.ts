import type { Assembly } from '../../emulator/assembly';
import { functionNameOf, text } from './properties';

/** The one version that there is: publishing more of them takes deployments. */
const VERSION = '1';

/** The version behind each version number and alias of a function, by the function's name: qualifier → version. */
export function qualifiers({ resources }: Assembly): Map<string, Map<string, string>> {
  const all = new Map<string, Map<string, string>>();
  const add = (reference: unknown, qualifier: string, version: string) => {
    const name = functionNameOf(String(reference));
    all.set(name, (all.get(name) ?? new Map<string, string>()).set(qualifier, version));
  };
  for (const { type, properties } of resources) {
    const { FunctionName, FunctionVersion, Name } = type.startsWith('AWS::Lambda::') ? properties() : {};
    if (type === 'AWS::Lambda::Version') add(FunctionName, VERSION, VERSION);
    if (type === 'AWS::Lambda::Alias') add(FunctionName, String(Name), text(FunctionVersion) ?? VERSION);
  }
  return all;
}
