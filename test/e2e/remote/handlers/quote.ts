import { defineHandler, HandlerError } from 'cdk-streamer/handler';

export default defineHandler({
  run({ input, identity }) {
    const { kind } = input as { kind: string };
    if (kind === 'none') throw new HandlerError('SOLD_OUT', 'None left.', { details: { kind } });
    if (kind === 'crash') process.exit(1);
    return { price: 5, user: identity.user };
  },
});
