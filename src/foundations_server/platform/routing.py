"""Declares routes: what they require, take and answer, in one line each.

FastAPI would build validators for all bodies and answers at start-up. We parse with the
wire's codec and answer with encoded bytes, so the types are used for the OpenAPI document
only, and only when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from foundations_server.platform.permissions import Permission, requires
from foundations_wire.versions import VERSION

API = "/api/v1"
_REF = "#/components/schemas/{model}"
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail", "request_id"],
    "additionalProperties": True,
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
}


@dataclass(frozen=True)
class _Declared:
    path: str
    method: str
    endpoint: Callable[..., Any]
    needs: Permission
    status: int
    answer: Any
    body: Any
    tag: str
    is_documented: bool


class Routes:
    """The routes of one feature."""

    def __init__(self, tag: str, prefix: str = API, *, is_documented: bool = True) -> None:
        self._tag = tag
        self._prefix = prefix
        self._is_documented = is_documented
        self.declared: list[_Declared] = []

    def add(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        needs: Permission,
        answer: Any = None,
        body: Any = None,
        status: int = 200,
    ) -> None:
        """Declare a route. `answer` and `body` are types, or media types such as `image/png`.

        `method` may be several with spaces between, in routes that are not documented.
        """
        full = self._prefix + path
        self.declared.append(
            _Declared(
                full,
                method,
                endpoint,
                needs,
                status,
                answer,
                body,
                self._tag,
                self._is_documented,
            )
        )


class Application(FastAPI):
    """FastAPI whose document comes from the declarations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            title="Foundations Atlas",
            version=VERSION,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            **options,
        )
        self._declared: list[_Declared] = []

    def include(self, routes: Routes) -> None:
        for route in routes.declared:
            self.add_api_route(
                route.path,
                route.endpoint,
                methods=route.method.split(),
                dependencies=[requires(route.needs)],
                response_model=None,
                status_code=route.status,
                tags=[route.tag],
                include_in_schema=route.is_documented,
                operation_id=f"{route.method.split()[0].lower()}_{route.endpoint.__name__}",
            )
        self._declared.extend(route for route in routes.declared if route.is_documented)

    def openapi(self) -> dict[str, Any]:
        """Return the document of all routes with their bodies and answers."""
        if self.openapi_schema is None:
            document = super().openapi()
            _complete(document, self._declared)
            self.openapi_schema = document
        return self.openapi_schema


class _Generator(GenerateJsonSchema):
    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - pydantic's
        """Every field of an answer is there, defaults or not."""
        return self.mode == "serialization" or super().field_is_required(field, total)


def _complete(document: dict[str, Any], declared: list[_Declared]) -> None:
    wanted = [
        (index, mode, TypeAdapter(kind))
        for index, route in enumerate(declared)
        for mode, kind in (("serialization", route.answer), ("validation", route.body))
        if kind is not None and not isinstance(kind, str)
    ]
    inputs: Any = wanted
    schemas, rest = TypeAdapter.json_schemas(
        inputs, ref_template=_REF, schema_generator=_Generator
    )
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.clear()
    components.update(rest.get("$defs", {}))
    components["Problem"] = _PROBLEM
    for index, route in enumerate(declared):
        path = route.path.replace(":path}", "}")
        operation = document["paths"][path][route.method.lower()]
        answer = _content(route.answer, schemas.get((index, "serialization")))
        body = _content(route.body, schemas.get((index, "validation")))
        problem = {"schema": {"$ref": _REF.format(model="Problem")}}
        operation["responses"] = {
            str(route.status): {"description": "Done", **answer},
            "default": {
                "description": "A problem in one sentence",
                "content": {"application/problem+json": problem},
            },
        }
        if body:
            operation["requestBody"] = {"required": True, **body}


def _content(kind: Any, schema: Any) -> dict[str, Any]:
    if kind is None:
        return {}
    if isinstance(kind, str):
        return {"content": {kind: {"schema": {"type": "string", "format": "binary"}}}}
    return {"content": {"application/json": {"schema": schema}}}
