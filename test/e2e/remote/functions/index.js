/** An existing function without code of Streamer. It receives an event and returns a value. */
exports.handler = async ({ action, input, request, identity }) => {
  if (input?.failUntil >= request.attempt) throw new Error('a secret of the function');
  return { action, input, attempt: request.attempt, user: identity.user };
};
