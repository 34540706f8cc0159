// What of an object is more than its slots?
#include "bufspec/object.hpp"

namespace bufspec {

bool Text::is_encodable() const noexcept {
  // Surrogates would be the code points D800 to DFFF: the bytes ED A0..BF.
  for (std::size_t i = 0; i + 1 < utf8_.size(); ++i)
    if (utf8_[i] == '\xed' && static_cast<unsigned char>(utf8_[i + 1]) >= 0xa0) return false;
  return true;
}

}  // namespace bufspec
