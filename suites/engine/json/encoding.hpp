// Scenarios and traces as JSON texts: what records keep, what replays show, and what a peer in another process speaks.
// Schema: reports/schema/scenario-trace.schema.json.  The fields are those of scenario.hpp and trace.hpp: see fields.hpp.
#pragma once

#include "bufspec/trace.hpp"
#include "value.hpp"

namespace bufspec::json {

// The text that spells a value, in ASCII, without spaces.  What the reader does not take (more than max_steps steps, an ndim
// out of bounds in a layout) is not written, or cut off.
[[nodiscard]] std::string text_of(const Scenario& scenario);
[[nodiscard]] std::string text_of(const Trace& trace);
[[nodiscard]] std::string text_of(const Layout& layout);
[[nodiscard]] std::string text_of(const View& view);
[[nodiscard]] std::string text_of(const Consumed::Request& request);

// The value that a text spells; nothing, and why in `fault`, for any other text.  The text may come from anybody: what it
// describes (a layout, a slot that is not held) may make no sense.
// scenario_from(text_of(s)) == s for each scenario whose steps have no fields that their kinds do not use.
[[nodiscard]] std::optional<Scenario> scenario_from(std::string_view text, Fault& fault, const Limits& limits = {});
[[nodiscard]] std::optional<Trace> trace_from(std::string_view text, Fault& fault, const Limits& limits = {});

}  // namespace bufspec::json
