// The archives, instantiated once for what is encoded.
#include "encoding.hpp"

#include "fields.hpp"

namespace bufspec::json {

namespace {

template <typename T>
std::string written(const T& value) {
  Writer writer;
  writer.put(value);
  return writer.take();
}

template <typename T>
std::optional<T> read(std::string_view text, Fault& fault, const Limits& limits) {
  const std::optional<Value> parsed = parse(text, fault, limits);
  if (!parsed) return std::nullopt;
  Reader reader(*parsed, fault);
  std::optional<T> value(std::in_place);
  reader.take(*value);
  if (reader.has_failed()) value.reset();
  return value;
}

}  // namespace

std::string text_of(const Scenario& scenario) { return written(scenario); }
std::string text_of(const Trace& trace) { return written(trace); }
std::string text_of(const Layout& layout) { return written(layout); }
std::string text_of(const View& view) { return written(view); }
std::string text_of(const Consumed::Request& request) { return written(request); }

std::optional<Scenario> scenario_from(std::string_view text, Fault& fault, const Limits& limits) {
  return read<Scenario>(text, fault, limits);
}

std::optional<Trace> trace_from(std::string_view text, Fault& fault, const Limits& limits) {
  return read<Trace>(text, fault, limits);
}

}  // namespace bufspec::json
