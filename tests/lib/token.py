#!/usr/bin/python3
"""Makes JSON Web Tokens, with openssl for what is secret: token.py ALG KEY PAYLOAD [HEADER]. KEY is
a file with a secret or a private key in PEM. HEADER stands for {"alg":ALG}."""
import base64
import subprocess
import sys


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def raw(der, size):
    """Both numbers of an ECDSA signature, side by side."""
    at = 3 if der[1] & 0x80 else 2
    out = b""
    for _ in range(2):
        length = der[at + 1]
        out += der[at + 2:at + 2 + length].lstrip(b"\0").rjust(size, b"\0")
        at += 2 + length
    return out


def sign(alg, key, data):
    dgst = ["openssl", "dgst", "-binary", "-sha" + alg[2:]]
    if alg.startswith("HS"):
        with open(key, "rb") as file:
            secret = file.read().rstrip(b"\r\n")
        dgst += ["-mac", "HMAC", "-macopt", "hexkey:" + secret.hex()]
    else:
        dgst += ["-sign", key]
    signature = subprocess.run(dgst, input=data, check=True, stdout=subprocess.PIPE).stdout
    return raw(signature, {"256": 32, "384": 48, "512": 66}[alg[2:]]) if alg[0] == "E" else signature


def main(alg, key, payload, header=None):
    data = b64((header or '{"alg":"%s"}' % alg).encode()) + b"." + b64(payload.encode())
    signature = b"" if alg == "none" else sign(alg, key, data)
    print((data + b"." + b64(signature)).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
