"""Start the page: `python app.py`. On a Hugging Face Space the same file is run without arguments."""

import argparse
import gc
import os


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="M-Wanda Explorer: see what pruning does to each language of a model.")
    # A Space says through the environment that it must listen on every address; anywhere else only this machine may connect.
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, default=None, help="port; without it the first free one from 7860 on")
    parser.add_argument("--share", action="store_true", help="also open a public link through Gradio's servers")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="further name that the page is reached by; repeatable"
    )
    parser.add_argument(
        "--trust-proxy", action="append", default=[], metavar="ADDRESS", help="proxy whose forwarded headers are believed"
    )
    parser.add_argument("--root-path", default="", metavar="PATH", help="path below which a proxy shows the page")
    parser.add_argument(
        "--auth", default="", metavar="USER:PASSWORD", help="shows the owner; better in MWANDA_AUTH (a token: MWANDA_TOKEN)"
    )
    given = parser.parse_args()

    # Importing Gradio makes a million objects that all live as long as the program: looking through them for rubbish meanwhile is a fifth
    # of the start. `launch` turns it on again.
    gc.disable()
    from components.app.page import launch
    from mwanda_core.errors import InputError

    try:
        launch(
            given.host, given.port, given.share, given.root_path,
            allowed=given.allow_host, proxies=given.trust_proxy, login=given.auth,
        )  # fmt: skip
    except InputError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
