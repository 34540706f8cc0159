#include "coverage.hpp"

namespace bufspec::campaign {

Coverage& Coverage::of_process() noexcept {
  static Coverage one;
  return one;
}

}  // namespace bufspec::campaign
