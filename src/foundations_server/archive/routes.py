from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from foundations_server.archive.receiving import receive
from foundations_server.archive.sending import Sent, name_download, send
from foundations_server.archive.service import ArchiveService, open_blob
from foundations_server.archive.shelf import Shelf
from foundations_server.platform.parameters import RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, no_content, parse
from foundations_server.platform.routing import Routes
from foundations_wire import bundles
from foundations_wire.archive import ArtifactList, BlobAnswer, BlobQuery, BlobStored, Manifest
from foundations_wire.errors import InvalidRequest

_BYTES = "application/octet-stream"
# Whatever a job saved may be a page with a script: it gets an origin of its own and no powers.
_SEALED = (
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; "
    "style-src 'unsafe-inline'"
)


class ArchiveRoutes:
    def __init__(self, archive: ArchiveService, bundle_shelf: Shelf) -> None:
        self._archive = archive
        self._bundles = bundle_shelf

    def declare(self, routes: Routes) -> None:
        view, report = Permission.VIEW, Permission.REPORT
        routes.add(
            "POST", "/blobs/missing", self.find_missing, needs=report, body=BlobQuery,
            answer=BlobAnswer,
        )  # fmt: skip
        routes.add(
            "PUT", "/blobs/{sha256}", self.put_blob, needs=report, body=_BYTES, answer=BlobStored
        )
        routes.add("GET", "/blobs/{sha256}", self.get_blob, needs=view, answer=_BYTES)
        routes.add("HEAD", "/blobs/{sha256}", self.get_blob, needs=view)
        routes.add(
            "PUT", "/bundles/{sha256}", self.put_bundle, needs=Permission.EDIT, body=_BYTES,
            answer=BlobStored,
        )  # fmt: skip
        routes.add("GET", "/bundles/{sha256}", self.get_bundle, needs=view, answer=_BYTES)
        routes.add("HEAD", "/bundles/{sha256}", self.get_bundle, needs=view)
        self._declare_of_jobs(routes)

    def _declare_of_jobs(self, routes: Routes) -> None:
        view, report, job = Permission.VIEW, Permission.REPORT, "/jobs/{job_id}"
        content = f"{job}/artifacts/{{key:path}}/content"
        routes.add("GET", f"{job}/artifacts", self.list_artifacts, needs=view, answer=ArtifactList)
        routes.add("GET", content, self.get_artifact, needs=view, answer=_BYTES)
        routes.add("HEAD", content, self.get_artifact, needs=view)
        routes.add(
            "PUT", f"{job}/archive/{{area}}", self.put_manifest, needs=report, body=Manifest,
            status=204,
        )  # fmt: skip
        routes.add(
            "GET", f"{job}/archive/{{area}}", self.get_manifest, needs=view, answer=Manifest
        )
        routes.add(
            "GET", f"{job}/archive.tgz", self.get_archive, needs=view, answer="application/gzip"
        )

    def find_missing(self, body: RawBody) -> Response:
        query = parse(BlobQuery, body)
        return answer(BlobAnswer(self._archive.find_missing(query.sha256)))

    async def put_blob(self, sha256: str, request: Request) -> Response:
        self._archive.pin(sha256)
        size = await receive(request, self._archive.blobs, sha256)
        return answer(BlobStored(sha256, size))

    def get_blob(self, sha256: str, request: Request) -> Response:
        if request.method == "HEAD":  # whoever asks so is about to rely on it
            self._archive.pin(sha256)
        file, size = open_blob(self._archive.blobs, sha256)
        sent = Sent(file, size, sha256, _BYTES)
        return send(request, sent, {"Content-Security-Policy": _SEALED})

    async def put_bundle(self, sha256: str, request: Request) -> Response:
        self._bundles.pin([sha256])
        size = await receive(request, self._bundles.store, sha256, bundles.check)
        return answer(BlobStored(sha256, size))

    def get_bundle(self, sha256: str, request: Request) -> Response:
        if request.method == "HEAD":
            self._bundles.pin([sha256])
        file, size = open_blob(self._bundles.store, sha256)
        return send(request, Sent(file, size, sha256, "application/gzip"), {})

    def list_artifacts(self, job_id: str) -> Response:
        return answer(self._archive.list_artifacts(job_id))

    def get_artifact(
        self, job_id: str, key: str, request: Request, *, download: bool = False
    ) -> Response:
        view = self._archive.get_artifact(job_id, key)
        file, size = open_blob(self._archive.blobs, view.sha256)
        headers = {"Content-Security-Policy": _SEALED}
        if download:
            headers["Content-Disposition"] = name_download(view.path)
        return send(request, Sent(file, size, view.sha256, view.media_type), headers)

    def put_manifest(self, job_id: str, area: str, body: RawBody) -> Response:
        manifest = parse(Manifest, body)
        if manifest.area != area:
            raise InvalidRequest(
                f"The manifest is of area {manifest.area[:60]!r}, the address of {area[:60]!r}."
            )
        self._archive.put_manifest(job_id, manifest)
        return no_content()

    def get_manifest(self, job_id: str, area: str) -> Response:
        return answer(self._archive.get_manifest(job_id, area))

    def get_archive(self, job_id: str) -> Response:
        pieces = self._archive.pack(job_id)
        headers = {"Content-Disposition": name_download(f"{job_id}.tgz")}
        return StreamingResponse(pieces, headers=headers, media_type="application/gzip")
