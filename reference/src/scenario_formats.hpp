// The formats that a scenario may spell, by number.  Only for scenario_codec.cpp.
#pragma once

#include <array>
#include <string_view>

namespace bufspec::scenario_formats {

// A new one goes to the end of `of_consumers`, so that what was recorded keeps its meaning.
inline constexpr std::array of_all{
    std::string_view{"B"},
    std::string_view{"b"},
    std::string_view{"c"},
    std::string_view{"?"},
    std::string_view{"h"},
    std::string_view{"H"},
    std::string_view{"i"},
    std::string_view{"I"},
    std::string_view{"l"},
    std::string_view{"L"},
    std::string_view{"q"},
    std::string_view{"Q"},
    std::string_view{"n"},
    std::string_view{"N"},
    std::string_view{"e"},
    std::string_view{"f"},
    std::string_view{"d"},
    std::string_view{"P"},
    std::string_view{"<i"},
    std::string_view{">i"},
    std::string_view{"=q"},
    std::string_view{">d"},
    std::string_view{"3s"},
    std::string_view{"0s"},
    std::string_view{"Zd"},
    std::string_view{"g"},
    std::string_view{"2i"},
    std::string_view{"O"},
    std::string_view{"w"},
    std::string_view{"5w"},
    std::string_view{"bi"},
    std::string_view{"=hd"},
    std::string_view{"&<i"},
    std::string_view{"9t"},
    std::string_view{"T{i:a:d:b:}"},
    std::string_view{"T{<b:a:3x<i:b:}"},
    std::string_view{"T{(2,3)<h:m:}"},
};

// Numbers behind those; for the memories of consumers alone, since random exporters are drawn from the others.
inline constexpr std::array of_consumers{
    std::string_view{"!H"},
    std::string_view{"<q"},
    std::string_view{"=l"},
    std::string_view{"@l"},
    std::string_view{"10s"},
    std::string_view{"=bi"},
    std::string_view{"=i"},
    std::string_view{"=h"},
    std::string_view{"=d"},
    std::string_view{"T{b:flag:3xi:number:}"},
    std::string_view{"T{=h:x:=d:y:}"},
    std::string_view{"T{T{<h:x:<h:y:}:corner:<i:weight:}"},
    std::string_view{"T{(2,3)<i:matrix:<B:flag:}"},
    std::string_view{"T{>i:a:>h:b:}"},
    std::string_view{"T{<i:a:<i:b:}"},
    std::string_view{"T{<h:x:<h:y:}"},
    std::string_view{"T{i:count:d:value:}"},
};

[[nodiscard]] constexpr std::size_t count(bool for_consumer) noexcept {
  return of_all.size() + (for_consumer ? of_consumers.size() : 0);
}

// Requires: number < count(true).
[[nodiscard]] constexpr std::string_view format(std::size_t number) noexcept {
  return number < of_all.size() ? of_all[number] : of_consumers[number - of_all.size()];
}

}  // namespace bufspec::scenario_formats
