/** Sends one signed request to a service of AWS. @returns the body. @throws Error that names the call and the service's answer */
export type CallAws = (service: 'cloudformation' | 'lambda', path: string, body?: URLSearchParams) => Promise<string>;

export interface StackResource {
  readonly type: string;
  /** Name or ARN. */
  readonly physicalId: string;
}

/**
 * Lists the resources of a stack, page by page. CloudFormation answers in XML. The function reads only a few of its
 * elements, and these contain only text.
 */
export async function resourcesOf(call: CallAws, stackName: string): Promise<StackResource[]> {
  const found: StackResource[] = [];
  let next: string | undefined;
  do {
    const query = { Action: 'ListStackResources', Version: '2010-05-15', StackName: stackName };
    const text = await call('cloudformation', '/', new URLSearchParams({ ...query, ...(next && { NextToken: next }) }));
    for (const [, member = ''] of text.matchAll(/<member>(.*?)<\/member>/gs)) {
      const [type, physicalId] = [element(member, 'ResourceType'), element(member, 'PhysicalResourceId')];
      if (type !== undefined && physicalId !== undefined) found.push({ type, physicalId });
    }
    next = element(text, 'NextToken');
  } while (next);
  return found;
}

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof ENTITIES) => ENTITIES[entity]);
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' } as const;
