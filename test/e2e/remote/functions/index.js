/** Knows nothing of Streamer: an event in, a value out. */
exports.handler = async ({ action, input, request, identity }) => {
  if (input?.failUntil >= request.attempt) throw new Error('a secret of the function');
  return { action, input, attempt: request.attempt, user: identity.user };
};
