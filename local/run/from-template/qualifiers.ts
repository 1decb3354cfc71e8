import type { Assembly } from '../../emulator/assembly';
import { functionNameOf, text } from './properties';

/** The only version of each function, because only further deployments would publish more versions. */
const VERSION = '1';

/** Returns the version behind each version number and alias of a function: function name → qualifier → version. */
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
