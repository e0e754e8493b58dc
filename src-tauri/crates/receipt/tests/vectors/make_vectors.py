"""Makes receipts.txt with another implementation of Ed25519 and of signed notes.

Python's `cryptography` signs; the format is written down here once more, after
https://c2sp.org/signed-note and docs/receipts.md, and not taken from the crate.
"""

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VECTORS = [
    (
        bytes(range(32)),
        "政策版本 policy version: 1.0\n"
        "告知书 notice SHA-256: " + hashlib.sha256(b"a notice").hexdigest() + "\n"
        "通道 lane: 人脸 face\n"
        "结果 outcome: 已放行 admitted\n"
        "人脸数据 face data: 已清除 discarded 2026-11-23T09:41:07Z\n",
    ),
    (
        bytes([0xFF] * 32),
        "政策版本 policy version: 2026-11 第二版\n"
        "告知书 notice SHA-256: 无 none\n"
        "通道 lane: 人工 staff\n"
        "结果 outcome: 无结果，已转人工 no result, passed to staff\n"
        "人脸数据 face data: 未采集 not taken\n",
    ),
]


def vector(seed: bytes, facts: str) -> str:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    name = "postern-" + hashlib.sha256(public).hexdigest()[:8]
    typed = b"\x01" + public
    key_hash = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    verifier = f"{name}+{key_hash.hex()}+{base64.b64encode(typed).decode()}"
    text = f"Postern 回执 receipt 1\n终端 kiosk: {name}\n{facts}"
    signature = base64.b64encode(key_hash + key.sign(text.encode())).decode()
    return f"{seed.hex()}\n{verifier}\n{text}\n— {name} {signature}\n"


if __name__ == "__main__":
    vectors = "====\n".join(vector(*it) for it in VECTORS)
    Path(__file__).with_name("receipts.txt").write_text(vectors, encoding="utf-8")
