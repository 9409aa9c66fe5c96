"""The words of XLSForm: which types, columns and settings there are, and what each column holds (decision 6)."""

from __future__ import annotations

import re

TYPES = {
    "text": "text",
    "string": "text",
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "datetime": "dateTime",
    "date_time": "dateTime",
    "note": "note",
    "calculate": "calculate",
    "hidden": "hidden",
    "xml_external": "xml-external",
    "csv_external": "csv-external",
}
SERVED = (
    "text、integer、decimal、date、time、dateTime、select_one、select_multiple、calculate、note、hidden、group、repeat、"
    "xml-external"
)
REFUSED_TYPES = frozenset(
    [
        "geopoint",
        "geotrace",
        "geoshape",
        "image",
        "photo",
        "audio",
        "video",
        "file",
        "barcode",
        "range",
        "rank",
        "acknowledge",
        "trigger",
        "start",
        "end",
        "today",
        "deviceid",
        "phonenumber",
        "username",
        "email",
        "simserial",
        "subscriberid",
        "imei",
        "audit",
        "osm",
        "loop",
        "background_audio",
        "background_geopoint",
        "start_geopoint",
        "select_one_external",
        "percentage",
    ]
)
SELECT = re.compile(
    r"(select_one_from_file|select_multiple_from_file|select_one|select_multiple|select1|select)\s+(\S+)"
    r"(?:\s+(or_other|or other|or specify other))?"
)
CONTROL = re.compile(r"(begin|end)[_ ](group|repeat|loop|lgroup|looped[_ ]group)")
NAME = re.compile(r"[^\W\d][\w.\-]*")
REF = re.compile(r"\$\{([^}]*)(\}?)")
PARAMETER = re.compile(r"(\w+)\s*=\s*([^\s,;]+)")
YES_NO = frozenset({"yes", "no", "true", "false", "true()", "false()"})
# heading (lower case, blanks as _) → what it holds: an expression, a text with ${…}, or something else
EXPRESSIONS = {
    "relevant": "relevant",
    "relevance": "relevant",
    "constraint": "constraint",
    "calculation": "calculation",
    "calculate": "calculation",
    "required": "required",
    "readonly": "readonly",
    "read_only": "readonly",
    "repeat_count": "repeat_count",
    "choice_filter": "choice_filter",
    "bind::relevant": "relevant",
    "bind::constraint": "constraint",
    "bind::calculate": "calculation",
    "bind::required": "required",
    "bind::readonly": "readonly",
    "jr:count": "repeat_count",
    "count": "repeat_count",
    "trigger": "trigger",
}
TEXTS = frozenset(
    {
        "label",
        "hint",
        "guidance_hint",
        "constraint_message",
        "required_message",
        "constraining_message",
        "requiredmsg",
        "caption",
    }
)
OTHERS = frozenset(
    {
        "type",
        "name",
        "list_name",
        "default",
        "parameters",
        "appearance",
        "image",
        "big-image",
        "audio",
        "video",
        "autoplay",
        "rows",
        "disabled",
        "value",
        "tag",
        "command",
        "noapperrorstring",
        "no_app_error_string",
        "save_to",
        "compact_tag",
    }
)
PREFIXES = ("bind::", "instance::", "body::", "control::", "media::", "bind:", "body:", "instance:", "media:")
SETTINGS = frozenset(
    [
        "form_title",
        "form_id",
        "version",
        "default_language",
        "namespaces",
        "style",
        "public_key",
        "submission_url",
        "auto_send",
        "auto_delete",
        "instance_name",
        "instance_id",
        "name",
        "title",
        "id_string",
        "set_form_title",
        "set_form_id",
        "allow_choice_duplicates",
        "clean_text_values",
        "omit_instanceid",
        "prefix",
        "sms_keyword",
        "sms_separator",
        "sms_allow_media",
        "sms_date_format",
        "sms_datetime_format",
        "sms_response",
        "instance_xmlns",
        "client_editable",
    ]
)
REPEAT = ("repeat", "lgroup", "looped group", "looped_group")


def key_of(head: str) -> str:
    """A heading as it is compared: lower case, blanks as _, without its language (label::中文 → label)."""
    base = re.sub(r"_*(::?)_*", r"\1", re.sub(r"\s+", "_", head.strip().lower()))
    if base.startswith(PREFIXES):
        return base
    return (
        base.split("::", 1)[0].split(":", 1)[0]
        if base.split(":", 1)[0] in TEXTS | {"image", "audio", "video", "noapperrorstring"}
        else base
    )


def ascii_quotes(text: str) -> str:
    """Quotation marks that Word made of straight ones; pyxform takes them as straight in expressions, and so do we."""
    return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})
