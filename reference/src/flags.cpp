// Which request word does a flag's name stand for?
#include "bufspec/flags.hpp"

#include <algorithm>
#include <array>

namespace bufspec {

namespace {

struct NamedWord {
  std::string_view name;
  int word;
};

constexpr std::array named_words{
    NamedWord{"SIMPLE", flag::SIMPLE},
    NamedWord{"WRITABLE", flag::WRITABLE},
    NamedWord{"WRITEABLE", flag::WRITABLE},
    NamedWord{"FORMAT", flag::FORMAT},
    NamedWord{"ND", flag::ND},
    NamedWord{"STRIDES", flag::STRIDES},
    NamedWord{"C_CONTIGUOUS", flag::C_CONTIGUOUS},
    NamedWord{"F_CONTIGUOUS", flag::F_CONTIGUOUS},
    NamedWord{"ANY_CONTIGUOUS", flag::ANY_CONTIGUOUS},
    NamedWord{"INDIRECT", flag::INDIRECT},
    NamedWord{"CONTIG", flag::CONTIG},
    NamedWord{"CONTIG_RO", flag::CONTIG_RO},
    NamedWord{"STRIDED", flag::STRIDED},
    NamedWord{"STRIDED_RO", flag::STRIDED_RO},
    NamedWord{"RECORDS", flag::RECORDS},
    NamedWord{"RECORDS_RO", flag::RECORDS_RO},
    NamedWord{"FULL", flag::FULL},
    NamedWord{"FULL_RO", flag::FULL_RO},
};

}  // namespace

std::optional<int> flag_from(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(named_words.begin(), named_words.end(), [&](const NamedWord& one) { return one.name == name; });
  return found == named_words.end() ? std::nullopt : std::optional<int>(found->word);
}

}  // namespace bufspec
