"""What the samplers need as guests in a program of Python. Loaded beside them as `deep_optimize_guest`."""

import os
import sys


def stack_reader():
    """A function that tells a frame and its callers as a collapsed stack, outermost first: "name (file:11:14);…", by the first
    line of the function and the one that runs."""
    place = os.getcwd()
    files = {}

    def file_of(code):
        name = code.co_filename
        if name not in files:
            file = name if name.startswith("<") else os.path.join(place, name)
            files[name] = file.replace(";", ":")
        return files[name]

    def stack_of(frame):
        frames = []
        while frame is not None:
            code = frame.f_code
            first = code.co_firstlineno
            frames.append("%s (%s:%d:%d)" % (code.co_name, file_of(code), first, frame.f_lineno or first))
            frame = frame.f_back
        return ";".join(reversed(frames))

    return stack_of


def begin(file, sample):
    """Lets a sampler, loaded as this file, begin in its directory, and goes on as Python would have without it."""
    directory = os.path.realpath(os.path.dirname(os.path.abspath(file)))
    try:
        sample(directory)
    except Exception:
        # In a thread, without signals, or where nothing may be written: the program runs as it would have, and is not sampled.
        pass
    run_hidden(directory)


def run_hidden(directory):
    """What would have been loaded as `sitecustomize` without us."""
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) != directory]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        # The import of this module looks for it there.
        sys.modules.setdefault("sitecustomize", ours)
