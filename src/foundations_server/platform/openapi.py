"""The OpenAPI document of the declared routes; the GUI's types are generated from it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from foundations_server.platform.parameters import Parameter, read_signature
from foundations_server.platform.routing import Declared
from foundations_wire.versions import VERSION

_REF = "#/components/schemas/{model}"
_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
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


def describe(declared: Iterable[Declared]) -> dict[str, Any]:
    """Return the document."""
    routes = list(declared)
    schemas, components = _generate(routes)
    paths: dict[str, Any] = {}
    for index, route in enumerate(routes):
        answer = _content(route.answer, schemas.get((index, "serialization")))
        body = _content(route.body, schemas.get((index, "validation")))
        path = re.sub(r":\w+}", "}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _describe_route(route, answer, body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Foundations Atlas", "version": VERSION},
        "paths": paths,
        "components": {"schemas": components},
    }


class _Generator(GenerateJsonSchema):
    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - pydantic's
        """Every field of an answer is there, defaults or not."""
        return self.mode == "serialization" or super().field_is_required(field, total)


def _generate(routes: list[Declared]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Return the schemas by (index of the route, mode), and the named ones."""
    inputs: Any = [
        (index, mode, TypeAdapter(kind))
        for index, route in enumerate(routes)
        for mode, kind in (("serialization", route.answer), ("validation", route.body))
        if kind is not None and not isinstance(kind, str)
    ]
    schemas, rest = TypeAdapter.json_schemas(
        inputs, ref_template=_REF, schema_generator=_Generator
    )
    by_key: dict[Any, Any] = dict(schemas)
    return by_key, {**rest.get("$defs", {}), "Problem": _PROBLEM}


def _describe_route(
    route: Declared, answer: dict[str, Any], body: dict[str, Any]
) -> dict[str, Any]:
    name = route.endpoint.__name__
    problem = {"schema": {"$ref": _REF.format(model="Problem")}}
    described: dict[str, Any] = {
        "tags": [route.tag],
        "summary": name.replace("_", " ").capitalize(),
        "operationId": f"{route.method.lower()}_{name}",
        "parameters": [
            _describe_parameter(parameter)
            for parameter in read_signature(route.endpoint, route.path)
            if parameter.source in ("path", "query")
        ],
        "responses": {
            str(route.status): {"description": "Done", **answer},
            "default": {
                "description": "A problem in one sentence",
                "content": {"application/problem+json": problem},
            },
        },
    }
    if body:
        described["requestBody"] = {"required": True, **body}
    return described


def _describe_parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any]
    if issubclass(parameter.kind, enum.Enum):
        schema = {"type": "string", "enum": [member.value for member in parameter.kind]}
    else:
        schema = {"type": _TYPES[parameter.kind]}
    bounds = {"minimum": parameter.bounds.least, "maximum": parameter.bounds.most}
    schema |= {name: value for name, value in bounds.items() if value is not None}
    if parameter.default is not None:
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": parameter.source,
        "required": parameter.is_required,
        "schema": schema,
    }


def _content(kind: Any, schema: Any) -> dict[str, Any]:
    if kind is None:
        return {}
    if isinstance(kind, str):
        return {"content": {kind: {"schema": {"type": "string", "format": "binary"}}}}
    return {"content": {"application/json": {"schema": schema}}}
