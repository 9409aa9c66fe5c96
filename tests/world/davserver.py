"""A drop box of another make, as a process of its own: WsgiDAV on cheroot, on a port that the system gives and which it
prints. Ends when its standard input does."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--scheme", default="basic", choices=("basic", "digest"))
    parser.add_argument("--cert", default="")
    parser.add_argument("--key", default="")
    asked = parser.parse_args()

    from cheroot import wsgi
    from wsgidav.wsgidav_app import WsgiDAVApp

    logging.disable(logging.CRITICAL)
    people = {asked.user: {"password": asked.password}} if asked.user else True
    digest = asked.scheme == "digest"
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/": asked.root},
            "simple_dc": {"user_mapping": {"*": people}},
            "http_authenticator": {
                "accept_basic": not digest, "accept_digest": digest, "default_to_digest": digest,
            },
            "verbose": 0,
            "logging": {"enable": False},
            "property_manager": False,
        }
    )  # fmt: skip
    server = wsgi.Server(("127.0.0.1", 0), app, numthreads=4, server_name="box", timeout=30)
    if asked.cert:
        from cheroot.ssl.builtin import BuiltinSSLAdapter

        server.ssl_adapter = BuiltinSSLAdapter(asked.cert, asked.key)
    server.prepare()
    print(server.socket.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve()


if __name__ == "__main__":
    main()
