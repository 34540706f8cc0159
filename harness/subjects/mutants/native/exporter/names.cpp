#include "names.hpp"

#include "bufspec/flags.hpp"
#include "bufspec/trace.hpp"
#include "harness/subjects/mutants/native/behaviour_table.hpp"

namespace bufspec::mutants::exporters {

namespace {

std::vector<int> flags_from(RowReader& row, std::string_view key) {
  std::vector<int> made;
  for (const std::string& name : row.texts(key, false)) {
    const std::optional<int> flag = flag_from(name);
    if (flag)
      made.push_back(*flag);
    else
      row.problem(*row.row().find(key), "unknown flag '" + name + "'", "a flag such as ND or STRIDES");
  }
  return made;
}

std::vector<ssize> sizes_from(const TableValue& list) {
  std::vector<ssize> made;
  made.reserve(list.list.size());
  for (const TableValue& item : list.list) made.push_back(static_cast<ssize>(item.integer));
  return made;
}

std::optional<ssize> number_under(RowReader& row, std::string_view key) {
  const TableValue* value = row.of_kind(key, TableValue::Kind::integer, false);
  return value == nullptr ? std::nullopt : std::optional<ssize>(static_cast<ssize>(value->integer));
}

PointerTo place_from(RowReader& row, const TableValue& value) {
  return enumerator_from<PointerTo>(row, value, "place",
                                    {{"dangling", PointerTo::dangling},
                                     {"untouched", PointerTo::untouched},
                                     {"unterminated", PointerTo::unterminated}},
                                    PointerTo::null);
}

// An array: null, a list of numbers, or a place.
std::optional<PointerEdit> pointer_from(RowReader& row, std::string_view key) {
  const TableValue* value = row.optional(key);
  if (value == nullptr) return std::nullopt;
  PointerEdit edit;
  if (value->is_list()) {
    edit.to = PointerTo::values;
    edit.values = Storage(Ground::pages, bytes_of(sizes_from(*value)));
  } else if (!value->is_null()) {
    edit.to = place_from(row, *value);
  }
  return edit;
}

// A format: null or a text; `format_at` names a place instead, and how the text ends.
std::optional<PointerEdit> format_from(RowReader& row) {
  const TableValue* text = row.optional("format");
  const TableValue* place = row.optional("format_at");
  if (text == nullptr && place == nullptr) return std::nullopt;
  PointerEdit edit;
  if (place != nullptr) edit.to = place_from(row, *place);
  if (text == nullptr || text->is_null()) return edit;
  if (!text->is_string()) row.problem(*text, "a format is a text", "quote it");
  const bool is_terminated = edit.to != PointerTo::unterminated;
  edit.to = PointerTo::values;
  edit.values = Storage(Ground::pages, {text->string.c_str(), text->string.size() + (is_terminated ? 1 : 0)});
  return edit;
}

std::optional<OwnerEdit> owner_from(RowReader& row) {
  const TableValue* value = row.optional("obj");
  if (value == nullptr) return std::nullopt;
  if (value->is_null()) return OwnerEdit::null;
  return enumerator_from<OwnerEdit>(row, *value, "owner",
                                    {{"other", OwnerEdit::other},
                                     {"self_unowned", OwnerEdit::self_unowned},
                                     {"garbage", OwnerEdit::garbage},
                                     {"untouched", OwnerEdit::untouched}},
                                    OwnerEdit::null);
}

}  // namespace

When when_from(RowReader& row) {
  When when;
  const TableValue* value = row.of_kind("when", TableValue::Kind::map, false);
  if (value == nullptr) return when;
  RowReader reader(*value, row.file() + ".when", row.problems());
  when.asks = flags_from(reader, "asks");
  when.lacks = flags_from(reader, "lacks");
  for (const std::int64_t word : reader.numbers("words", false)) when.words.push_back(static_cast<int>(word));
  when.bits = static_cast<int>(reader.number("bits", false));
  for (const std::int64_t call : reader.numbers("calls", false)) when.calls.push_back(static_cast<ssize>(call));
  when.from_call = static_cast<long>(reader.number("from_call", false));
  when.every = static_cast<long>(reader.number("every", false));
  when.held = static_cast<long>(reader.number("held", false));
  when.held_at_most = static_cast<long>(reader.number("held_at_most", false));
  when.after_operations = static_cast<long>(reader.number("after_operations", false));
  reader.refuse_unknown_keys();
  return when;
}

int bits_from(RowReader& row, std::string_view key) {
  int bits = 0;
  for (const int one : flags_from(row, key)) bits |= one;
  return bits;
}

Edits edits_from(RowReader& row) {
  Edits edits;
  edits.buf = pointer_from(row, "buf");
  edits.buf_by = number_under(row, "buf_by");
  edits.obj = owner_from(row);
  edits.len = number_under(row, "len");
  edits.len_by = number_under(row, "len_by");
  edits.itemsize = number_under(row, "itemsize");
  edits.itemsize_by = number_under(row, "itemsize_by");
  edits.readonly = number_under(row, "readonly");
  edits.ndim = number_under(row, "ndim");
  edits.ndim_by = number_under(row, "ndim_by");
  edits.pointers[0] = format_from(row);
  edits.pointers[1] = pointer_from(row, "shape");
  edits.pointers[2] = pointer_from(row, "strides");
  edits.pointers[3] = pointer_from(row, "suboffsets");
  edits.internal = pointer_from(row, "internal");
  edits.earlier = row.flag("earlier", false);
  return edits;
}

unsigned fields_from(RowReader& row, std::string_view key) {
  struct NamedField {
    std::string_view name;
    unsigned bit;
  };
  constexpr NamedField fields[]{
      {"buf", field_bit::buf},           {"obj", field_bit::obj},
      {"len", field_bit::len},           {"itemsize", field_bit::itemsize},
      {"readonly", field_bit::readonly}, {"ndim", field_bit::ndim},
      {"format", field_bit::format},     {"shape", field_bit::shape},
      {"strides", field_bit::strides},   {"suboffsets", field_bit::suboffsets},
  };
  unsigned bits = 0;
  for (const std::string& name : row.texts(key)) {
    unsigned bit = 0;
    for (const NamedField& one : fields)
      if (one.name == name) bit = one.bit;
    if (bit == 0) row.problem(*row.row().find(key), "unknown field '" + name + "'", "a field of Py_buffer");
    bits |= bit;
  }
  return bits;
}

Error error_or_none_from(RowReader& row) {
  const TableValue* value = row.row().find("error");
  if (value == nullptr || !value->is_string() || value->string != "none") return error_from(row);
  row.skip({"error"});
  return Error::none;
}

Shared shared_from(RowReader& row) {
  const TableValue* value = row.of_kind("what", TableValue::Kind::string, true);
  if (value == nullptr) return Shared::memory;
  return enumerator_from<Shared>(row, *value, "part",
                                 {{"memory", Shared::memory},
                                  {"format", Shared::format},
                                  {"shape", Shared::shape},
                                  {"strides", Shared::strides},
                                  {"suboffsets", Shared::suboffsets}},
                                 Shared::memory);
}

}  // namespace bufspec::mutants::exporters
