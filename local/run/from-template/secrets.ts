import { randomInt } from 'node:crypto';
import type { Assembly, Resource } from '../../emulator/assembly';
import { generatePassword, type SecretsService } from '../../emulator/secrets-manager';
import { flag, number, object, type Properties, text } from './properties';

/** Creates the template's secrets. A generated value does not change while the secret exists. */
export function createSecrets(assembly: Assembly, secrets: SecretsService): number {
  const resources = assembly.resources.filter(({ type }) => type === 'AWS::SecretsManager::Secret');
  for (const resource of resources) {
    const properties = resource.properties();
    const arn = resource.ref();
    // the last part of the ARN is the name and six characters that Secrets Manager adds
    const name = arn.split(':').slice(6).join(':').slice(0, -7);
    secrets.create({ name, arn, value: secretValue(resource, properties), description: text(properties.Description) });
  }
  secrets.retainSecrets(new Set(resources.map((resource) => resource.ref())));
  return resources.length;
}

function secretValue(resource: Resource, properties: Properties): string | (() => string) {
  const given = text(properties.SecretString);
  if (given !== undefined) return given;
  return () => {
    try {
      return generated(object(properties.GenerateSecretString));
    } catch (error) {
      throw new Error(`${resource.address}.GenerateSecretString: ${(error as Error).message}`);
    }
  };
}

function generated(rules: Properties): string {
  const password = generatePassword(
    {
      excludeCharacters: text(rules.ExcludeCharacters),
      excludeLowercase: flag(rules.ExcludeLowercase),
      excludeUppercase: flag(rules.ExcludeUppercase),
      excludeNumbers: flag(rules.ExcludeNumbers),
      excludePunctuation: flag(rules.ExcludePunctuation),
      includeSpace: flag(rules.IncludeSpace),
      length: number(rules.PasswordLength),
      requireEachIncludedType: flag(rules.RequireEachIncludedType),
    },
    (below) => randomInt(below),
  );
  const key = text(rules.GenerateStringKey);
  if (key === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(text(rules.SecretStringTemplate) ?? '{}') as object), [key]: password });
}
