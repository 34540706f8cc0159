// Flags and the request rows: 10-flags.yaml and 20-requests.yaml.
#include <charconv>

#include "tables_parts.hpp"

namespace bufspec {

namespace {

int word_of(RowReader& row, const TableValue& value, const LoadedTables& loaded) {
  if (value.is_integer()) return static_cast<int>(value.integer);
  if (value.is_string())
    if (const auto word = loaded.tables.flag_value(value.string)) return *word;
  row.problem(value, "unknown flag " + describe(value), "name a flag of the flag table");
  return 0;
}

RowCondition condition_of(RowReader& row, const LoadedTables& loaded) {
  RowCondition made;
  if (const TableValue* asks = row.optional("asks")) made.asks = word_of(row, *asks, loaded);
  if (const TableValue* lacks = row.optional("lacks")) made.lacks = word_of(row, *lacks, loaded);
  made.stray_bits = row.flag("stray_bits", false);
  made.both_orders = row.flag("both_orders", false);
  made.needs_contiguity = row.flag("needs_contiguity", false);
  made.editions = editions_of(row);
  const TableValue* memory = row.of_kind("memory", TableValue::Kind::map, false);
  if (memory == nullptr) return made;
  for (const auto& [name, value] : memory->map) {
    bool known = false;
    for (std::size_t i = 0; i < memory_fact_count; ++i) {
      if (name != fact_name(static_cast<MemoryFact>(i))) continue;
      known = true;
      if (value.is_boolean())
        made.memory[i] = value.boolean;
      else
        row.problem(value, "'" + name + "' is " + std::string(kind_name(value.kind)), "write true or false");
    }
    if (!known)
      row.problem(value, "unknown fact '" + name + "'", "the facts are listed at the top of the request table");
  }
  return made;
}

RowPlace place_of(const RowReader& row) { return {row.file(), row.row().line}; }

AnswerRow::Holds holds_of(RowReader& row) {
  using Holds = AnswerRow::Holds;
  const TableValue* value = row.optional("holds");
  if (value == nullptr) {
    row.problem(row.row(), "no key 'holds'", "say what the field holds");
    return Holds::any;
  }
  if (value->is_integer() && value->integer == 0) return Holds::zero;
  return enumerator_from<Holds>(row, *value, "content of a field",
                                {{"null", Holds::null},
                                 {"array", Holds::array},
                                 {"any", Holds::any},
                                 {"text", Holds::text},
                                 {"of_memory", Holds::of_memory},
                                 {"exporter", Holds::exporter}},
                                Holds::any);
}

AnswerRow::Field field_of(RowReader& row) {
  using Field = AnswerRow::Field;
  const TableValue* value = row.of_kind("field", TableValue::Kind::string, true);
  if (value == nullptr) return Field::shape;
  return enumerator_from<Field>(row, *value, "field",
                                {{"shape", Field::shape},
                                 {"strides", Field::strides},
                                 {"suboffsets", Field::suboffsets},
                                 {"format", Field::format},
                                 {"readonly", Field::readonly},
                                 {"ndim", Field::ndim},
                                 {"len", Field::len},
                                 {"itemsize", Field::itemsize},
                                 {"buf", Field::buf},
                                 {"obj", Field::obj}},
                                Field::shape);
}

std::vector<ReadingRow> readings_of(RowReader& row) {
  std::vector<ReadingRow> made;
  const TableValue* list = row.of_kind("readings", TableValue::Kind::list, true);
  if (list == nullptr) return made;
  for (const TableValue& value : list->list) {
    RowReader reading(value, row.file(), row.problems());
    ReadingRow one{reading.text("name"), ReadingRow::As::itself};
    if (const TableValue* as = reading.optional("as"))
      one.as = enumerator_from<ReadingRow::As>(
          reading, *as, "way to read a word",
          {{"complete_flags", ReadingRow::As::complete_flags}, {"own_bits", ReadingRow::As::own_bits}},
          ReadingRow::As::itself);
    reading.refuse_unknown_keys();
    made.push_back(std::move(one));
  }
  return made;
}

}  // namespace

std::uint32_t version_of(RowReader& row, std::string_view key) {
  const TableValue* value = row.optional(key);
  if (value == nullptr) return 0;
  unsigned major = 0;
  unsigned minor = 0;
  if (value->is_string()) {
    const char* end = value->string.data() + value->string.size();
    const auto [dot, failed] = std::from_chars(value->string.data(), end, major);
    if (failed == std::errc{} && dot != end && *dot == '.') {
      const auto [rest, second] = std::from_chars(dot + 1, end, minor);
      if (second == std::errc{} && rest == end) return (major << 24U) | (minor << 16U);
    }
  }
  row.problem(*value, "no version: " + describe(*value), "write it quoted, as \"3.13\"");
  return 0;
}

EditionSet editions_of(RowReader& row) {
  EditionSet made;
  const TableValue* list = row.of_kind("editions", TableValue::Kind::list, false);
  if (list == nullptr) return made;
  made = {false, false};
  for (const TableValue& value : list->list) {
    if (value.is_string() && value.string == "current")
      made.current = true;
    else if (value.is_string() && value.string == "2010")
      made.founding_2010 = true;
    else
      row.problem(value, "unknown edition " + describe(value), "current, or \"2010\" in quotes");
  }
  return made;
}

void read_flags(const TableValue& tree, const std::string& file, LoadedTables& loaded) {
  Tables& tables = loaded.tables;
  each_row(tree, "flags", file, loaded, [&](RowReader& row) {
    tables.flags.push_back({row.text("name"), static_cast<int>(row.number("value")),
                            static_cast<int>(row.number("own_bit")), row.texts("contains")});
    row.refuse_unknown_keys();
  });
  each_row(tree, "compounds", file, loaded, [&](RowReader& row) {
    tables.compounds.push_back({row.text("name"), static_cast<int>(row.number("value")), row.texts("of")});
    row.refuse_unknown_keys();
  });
  each_row(tree, "constants", file, loaded, [&](RowReader& row) {
    tables.constants.push_back({row.text("name"), static_cast<int>(row.number("value"))});
    row.skip({"note"});
    row.refuse_unknown_keys();
  });
  if (const TableValue* bits = tree.find("unassigned_bits"); bits != nullptr && bits->is_integer())
    tables.unassigned_bits = static_cast<int>(bits->integer);
  if (const TableValue* canonical = tree.find("canonical")) {
    RowReader row(*canonical, file, loaded.problems);
    tables.canonical = {row.texts("structural"), row.texts("subsets_of"), row.texts("modifiers")};
    row.refuse_unknown_keys();
    for (const auto* names : {&tables.canonical.structural, &tables.canonical.subsets_of, &tables.canonical.modifiers})
      for (const std::string& name : *names)
        if (!tables.flag_value(name))
          row.problem(*canonical, "unknown flag '" + name + "'", "name a flag of this table");
  }
}

void read_requests(const TableValue& tree, const std::string& file, LoadedTables& loaded) {
  Tables& tables = loaded.tables;
  each_row(tree, "reserved", file, loaded, [&](RowReader& row) {
    ReservedRow made;
    made.rule = row.text("rule");
    for (const std::int64_t word : row.numbers("words")) made.words.push_back(static_cast<int>(word));
    if (const TableValue* answer = row.of_kind("answer", TableValue::Kind::string, true);
        answer != nullptr && answer->string != "must_refuse")
      row.problem(*answer, "unknown answer " + describe(*answer), "a reserved word has the answer must_refuse");
    made.error = row.text("error");
    made.since = version_of(row, "since");
    made.editions = editions_of(row);
    made.place = place_of(row);
    row.refuse_unknown_keys();
    tables.reserved.push_back(std::move(made));
  });
  each_row(tree, "refusals", file, loaded, [&](RowReader& row) {
    tables.refusals.push_back({row.text("rule"), condition_of(row, loaded), place_of(row)});
    row.refuse_unknown_keys();
  });
  each_row(tree, "contested", file, loaded, [&](RowReader& row) {
    tables.contested.push_back({row.text("rule"), condition_of(row, loaded), readings_of(row), place_of(row)});
    row.refuse_unknown_keys();
  });
  each_row(tree, "answers", file, loaded, [&](RowReader& row) {
    const std::string rule = row.text("rule");
    const AnswerRow::Field field = field_of(row);
    tables.answers.push_back({rule, field, condition_of(row, loaded), holds_of(row), place_of(row)});
    row.refuse_unknown_keys();
  });
}

}  // namespace bufspec
