"""The program of a Python function's process.

It loads the handler, then processes events from the Runtime API one after the other.
It needs only the standard library of Python 3.8 or newer.
"""

import http.client
import importlib
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback

HOST_PIPE = 3
API = "/2018-06-01/runtime"


class Context:
    """The context object, which is the second argument of a handler."""

    def __init__(self, headers):
        env = os.environ
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.aws_request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.identity = None
        client_context = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(client_context) if client_context else None
        self._deadline_ms = int(headers.get("Lambda-Runtime-Deadline-Ms") or 0)

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))


class RuntimeApi:
    def __init__(self, address):
        self._host, _, prefix = address.partition("/")
        self._prefix = "/" + prefix.rstrip("/") if prefix else ""
        self._connection = http.client.HTTPConnection(self._host)

    def next(self):
        return self._call("GET", "/invocation/next")

    def respond(self, request_id, body):
        self._call("POST", "/invocation/%s/response" % request_id, body)

    def fail(self, request_id, error):
        self._post_error("/invocation/%s/error" % request_id, error)

    def fail_init(self, error):
        self._post_error("/init/error", error)

    def _post_error(self, path, error):
        headers = {"Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self._call("POST", path, json.dumps(error).encode(), headers)

    def _call(self, method, path, body=None, headers=None):
        headers = {"Content-Type": "application/json", **(headers or {})}
        self._connection.request(method, self._prefix + API + path, body, headers)
        response = self._connection.getresponse()
        return response.headers, response.read()


def error_of(error):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": ['  File "%s", line %d, in %s\n    %s\n' % (f.filename, f.lineno, f.name, f.line) for f in own],
    }


def runtime_error(kind, message):
    return {"errorMessage": message, "errorType": kind, "stackTrace": []}


def report(error):
    """Prints an error as one log line for the run, with the positions in the function's own files."""
    print(json.dumps({"level": "ERROR", **error}), file=sys.stderr, flush=True)


def load_handler(name):
    """Returns the handler `folder/module.function`, or the error to report."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot or not module_name:
        return None, runtime_error("Runtime.MalformedHandlerName", "Bad handler '%s': module.function expected" % name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        return None, {**error_of(error), **{"errorType": "Runtime.ImportModuleError", "errorMessage": message}}
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module_name, error)
        return None, {**error_of(error), **{"errorType": "Runtime.UserCodeSyntaxError", "errorMessage": message}}
    except BaseException as error:  # pylint: disable=broad-except
        return None, error_of(error)
    handler = getattr(module, function_name, None)
    if handler is None:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        return None, runtime_error("Runtime.HandlerNotFound", message)
    return handler, None


def serve(api, handler, headers, event):
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id") or ""
    try:
        result = handler(json.loads(event), Context(headers))
    except Exception as error:  # pylint: disable=broad-except
        report(error_of(error))
        api.fail(request_id, error_of(error))
        return
    try:
        body = json.dumps(result).encode()
    except (TypeError, ValueError) as error:
        failure = runtime_error("Runtime.MarshalError", "Unable to marshal response: %s" % error)
        report(failure)
        api.fail(request_id, failure)
        return
    api.respond(request_id, body)


def end_group():
    """Ends this process and all processes that the handler started. Called when the host has ended."""
    os.killpg(os.getpid(), signal.SIGKILL)


def exit_with_host():
    """Waits until an inherited pipe closes. The pipe closes when the host ends, even if it was killed."""

    def wait():
        try:
            while os.read(HOST_PIPE, 1024):
                pass
        except OSError:
            pass
        end_group()

    threading.Thread(target=wait, daemon=True).start()


def main():
    exit_with_host()
    logging.basicConfig(format="[%(levelname)s] %(message)s", stream=sys.stdout)
    sys.path.insert(0, os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd())
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    handler, failure = load_handler(os.environ.get("_HANDLER", ""))
    if failure:
        report(failure)
        api.fail_init(failure)
        sys.exit(1)
    while True:
        headers, event = api.next()
        serve(api, handler, headers, event)


if __name__ == "__main__":
    try:
        main()
    except (OSError, http.client.HTTPException):
        # the Runtime API and its host have ended; an exit of this process alone would leave the handler's processes
        # running
        end_group()
