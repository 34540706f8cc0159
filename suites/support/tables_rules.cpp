// The rules of every table, and the format grammar of 50-format.yaml.
#include "tables_parts.hpp"

namespace bufspec {

namespace {

std::vector<CaseRow> cases_of(RowReader& row) {
  std::vector<CaseRow> made;
  const TableValue* list = row.of_kind("cases", TableValue::Kind::list, false);
  if (list == nullptr) return made;
  for (const TableValue& value : list->list) {
    RowReader one(value, row.file(), row.problems());
    CaseRow read;
    read.id = one.text("id");
    read.call = one.text("call");
    if (const TableValue* given = one.of_kind("given", TableValue::Kind::map, true)) read.given = *given;
    if (const TableValue* expect = one.of_kind("expect", TableValue::Kind::map, true)) read.expect = *expect;
    one.refuse_unknown_keys();
    for (const CaseRow& before : made)
      if (before.id == read.id) one.problem(value, "a second case '" + read.id + "'", "a rule's case ids differ");
    made.push_back(std::move(read));
  }
  return made;
}

std::vector<std::string> reading_names(RowReader& row) {
  std::vector<std::string> made;
  const TableValue* list = row.of_kind("readings", TableValue::Kind::list, false);
  if (list == nullptr) return made;
  for (const TableValue& value : list->list) {
    RowReader one(value, row.file(), row.problems());
    made.push_back(one.text("name"));
  }
  return made;
}

std::optional<ssize> size_of(RowReader& row, std::string_view key) {
  const TableValue* value = row.optional(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_integer()) return static_cast<ssize>(value->integer);
  row.problem(*value, "'" + std::string(key) + "' is " + std::string(kind_name(value->kind)),
              "write an integer, or null");
  return std::nullopt;
}

GrammarSet grammars_of(RowReader& row, std::string_view key) {
  GrammarSet made;
  const TableValue* list = row.of_kind(key, TableValue::Kind::list, true);
  if (list == nullptr) return made;
  for (const TableValue& value : list->list) {
    if (value.is_string() && value.string == "struct")
      made.in_struct = true;
    else if (value.is_string() && value.string == "pep3118")
      made.in_pep3118 = true;
    else
      row.problem(value, "unknown grammar " + describe(value), "struct or pep3118");
  }
  return made;
}

}  // namespace

// The levels of the editions that `differences` names.
void read_differences(RowReader& row, RuleRow& made) {
  const TableValue* differences = row.of_kind("differences", TableValue::Kind::list, false);
  if (differences == nullptr) return;
  for (const TableValue& difference : differences->list) {
    const TableValue* edition = difference.find("edition");
    const TableValue* level = difference.find("level");
    if (edition == nullptr || level == nullptr) continue;
    (edition->string == "current" ? made.level_in_current : made.level_in_2010) = level->string;
  }
}

void read_rules(const TableValue& tree, const std::string& file, LoadedTables& loaded) {
  each_row(tree, "rules", file, loaded, [&](RowReader& row) {
    RuleRow made;
    made.id = row.text("id");
    made.level = row.text("level");
    made.impact = row.text("impact");
    made.statement = row.text("statement");
    made.hint = row.text("hint", false);
    made.binds = row.texts("binds");
    made.editions = editions_of(row);
    read_differences(row, made);
    made.judged = row.flag("judged", false);
    made.observes = row.texts("observes", false);
    made.readings = reading_names(row);
    made.cases = cases_of(row);
    made.laws = row.texts("law", false);
    made.place = {file, row.row().line};
    if (loaded.tables.rule(made.id) != nullptr)
      row.problem(row.row(), "a second rule '" + made.id + "'", "an id is never reused");
    loaded.tables.rules.push_back(std::move(made));
  });
}

void read_formats(const TableValue& tree, const std::string& file, LoadedTables& loaded) {
  Tables& tables = loaded.tables;
  each_row(tree, "orders", file, loaded, [&](RowReader& row) {
    FormatOrderRow made;
    made.prefix = row.text("prefix");
    if (const TableValue* sizes = row.of_kind("sizes", TableValue::Kind::string, true))
      made.native_sizes = enumerator_from<bool>(row, *sizes, "sizes", {{"native", true}, {"standard", false}}, true);
    made.aligned = row.flag("aligned");
    made.byte_order = row.text("byte_order");
    made.first = grammars_of(row, "first");
    made.anywhere = grammars_of(row, "anywhere");
    row.refuse_unknown_keys();
    tables.orders.push_back(std::move(made));
  });
  each_row(tree, "codes", file, loaded, [&](RowReader& row) {
    FormatCodeRow made;
    made.code = row.text("code");
    made.native_size = size_of(row, "native_size");
    made.native_align = size_of(row, "native_align");
    made.standard_size = size_of(row, "standard_size");
    made.pep3118_standard_size =
        row.row().find("pep3118_standard_size") != nullptr ? size_of(row, "pep3118_standard_size") : made.standard_size;
    if (const TableValue* grammar = row.of_kind("grammar", TableValue::Kind::string, true)) {
      made.grammar.in_pep3118 = true;  // the wider grammar has every code of the smaller one
      made.grammar.in_struct =
          enumerator_from<bool>(row, *grammar, "grammar", {{"struct", true}, {"pep3118", false}}, false);
    }
    made.since = version_of(row, "since");
    if (const TableValue* counts = row.of_kind("counts", TableValue::Kind::string, true))
      made.counts_length =
          enumerator_from<bool>(row, *counts, "use of counts", {{"length", true}, {"repeat", false}}, false);
    made.memoryview_element = row.flag("memoryview_element");
    made.memoryview_since = version_of(row, "memoryview_since");
    row.skip({"meaning"});
    row.refuse_unknown_keys();
    tables.codes.push_back(std::move(made));
  });
  each_row(tree, "constructs", file, loaded, [&](RowReader& row) {
    tables.constructs.push_back({row.text("construct"), row.text("syntax"), row.text("grammar")});
  });
}

}  // namespace bufspec
