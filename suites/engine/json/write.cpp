// How the parts of a text are put beside each other.
#include "write.hpp"

namespace bufspec::json {

void Writer::put_text(std::string_view text) { text_ += text; }
void Writer::put_string(std::string_view text) { append_string(text_, text); }

void Writer::begin(char bracket) {
  text_ += bracket;
  is_first_ = true;
}

void Writer::end(char bracket) {
  text_ += bracket;
  is_first_ = false;
}

void Writer::separate() {
  if (!is_first_) text_ += ',';
  is_first_ = false;
}

void Writer::begin_member(std::string_view key) {
  separate();
  append_string(text_, key);
  text_ += ':';
}

}  // namespace bufspec::json
