import { memo, useEffect, useRef } from 'react';
import type { RequestView } from '../../../types';
import { linkTo } from '../../logic/route';
import { Progress } from '../../ui/Progress';
import { Status } from '../../ui/Status';
import { Ago, TookAll } from '../../ui/Time';

interface RequestRowProps {
  readonly request: RequestView;
  readonly chosen?: boolean;
  /** Target of the link. @default - the list of requests with this request open */
  readonly href?: string;
}

/** A request in one line. It is rendered again only if the request has changed. */
export const RequestRow = memo(function RequestRow({ request, chosen = false, href }: RequestRowProps) {
  const { key, id, action, tenant, user, createdAt, error, failure, attempt, status } = request;
  const row = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <a
      ref={row}
      className="request-row"
      href={href ?? linkTo('requests', { key })}
      aria-current={chosen || undefined}
      data-key={key}
      data-status={status}
    >
      <Status status={status} />
      <span className="request-name">
        <strong>{action}</strong> <code>{id}</code>
        {attempt > 1 && <span className="attempt">attempt {attempt}</span>}
      </span>
      <span className="request-owner" title={`tenant ${tenant}, user ${user}`}>
        {user} <span className="hint">{tenant}</span>
      </span>
      {error ? (
        <span className="request-error" title={failure ? `${failure.title}\nat ${failure.place ?? ''}` : error.message}>
          {failure ? failure.title : error.code}
        </span>
      ) : (
        <Progress request={request} />
      )}
      <span className="request-took">
        <TookAll request={request} />
      </span>
      <span className="request-ago">
        <Ago at={createdAt} />
      </span>
    </a>
  );
});
