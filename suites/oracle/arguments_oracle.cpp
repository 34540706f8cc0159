// What the argument codes take and refuse, and what is held afterwards.
#include <array>

#include "bufspec/arguments.hpp"
#include "bufspec/functions.hpp"
#include "case_values.hpp"
#include "oracle.hpp"

namespace bufspec::oracle {
namespace {

TEST(ArgumentsOracle, ArgumentsThatFailHoldNothing) {
  Exporter one;
  Exporter two;
  Object number(ObjectKind::number);
  build_memory(one, named("bytes_one_dim"));
  build_memory(two, named("bytes_one_dim_readonly"));
  const std::array<std::string_view, 3> codes{"y*", "s*", "w*"};
  const std::array<Object*, 3> objects{&one, &two, &two};
  std::array<Buffer, 3> views{};
  EXPECT_EQ(parse_arguments(codes, objects, views).error, Error::type_error);
  EXPECT_TRUE(one.exports() == 0 && two.exports() == 0 && one.references() == 1 && two.references() == 1);
  const std::array<Object*, 3> right{&one, &two, &one};
  EXPECT_TRUE(parse_arguments(codes, right, views).ok());
  EXPECT_TRUE(one.exports() == 2 && two.exports() == 1);
  for (Buffer& view : views) release(view);
  EXPECT_EQ(parse_arguments(std::span(codes).first(2), right, views).error, Error::type_error);
  EXPECT_EQ(parse_arguments(std::span(codes).first(2), std::span(right).first(2), views).error, Error::type_error);
  EXPECT_TRUE(parse_arguments({}, {}, {}).ok());
}

TEST(ArgumentsOracle, CodesTakeTheirObjects) {
  Exporter bytes;
  Exporter readonly;
  Exporter strided;
  Exporter fortran;
  Text text("caf\xc3\xa9");
  Text surrogate("a\xed\xa0\x80");
  Text korean("\xed\x9f\xbf");  // the last letters below the surrogates
  Object none(ObjectKind::none);
  Object number(ObjectKind::number);
  build_memory(bytes, named("bytes_one_dim"));
  build_memory(readonly, named("bytes_one_dim_readonly"));
  build_memory(strided, named("strided_1d_bytes"));
  build_memory(fortran, named("f_2d_int"));
  struct Row {
    const char* code;
    Object* object;
    Error error;
  };
  for (const Row& row : std::initializer_list<Row>{{"y*", &bytes, Error::none},
                                                   {"y*", &readonly, Error::none},
                                                   {"y*", &strided, Error::buffer_error},
                                                   {"y*", &fortran, Error::buffer_error},
                                                   {"y*", &text, Error::type_error},
                                                   {"y*", &none, Error::type_error},
                                                   {"s*", &text, Error::none},
                                                   {"s*", &surrogate, Error::unicode_encode_error},
                                                   {"s*", &korean, Error::none},
                                                   {"s*", &none, Error::type_error},
                                                   {"s*", &bytes, Error::none},
                                                   {"z*", &none, Error::none},
                                                   {"z*", &text, Error::none},
                                                   {"z*", &number, Error::type_error},
                                                   {"w*", &bytes, Error::none},
                                                   {"w*", &readonly, Error::type_error},
                                                   {"w*", &text, Error::type_error},
                                                   {"w*", &strided, Error::type_error},
                                                   {"q*", &bytes, Error::system_error},
                                                   {"y", &bytes, Error::system_error}}) {
    Buffer view{};
    EXPECT_EQ(parse_argument(row.code, *row.object, view).error, row.error) << row.code;
    release(view);
    EXPECT_EQ(row.object->references(), 1) << row.code;
  }
}

// An exporter without a release slot, as bytes has none.
class Bytes final : public Object {
 public:
  explicit Bytes(Exporter& exporter) : Object(ObjectKind::exporter), exporter_(exporter) {}
  [[nodiscard]] bool is_exporter() const noexcept override { return true; }
  Status get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept override {
    return exporter_.get_buffer(word, view, edition, runtime);
  }

 private:
  Exporter& exporter_;
};

TEST(ArgumentsOracle, BorrowedBytesHoldNothing) {
  Exporter exporter;
  build_memory(exporter, named("bytes_one_dim"));
  Bytes bytes(exporter);
  Text text("abc");
  Object none(ObjectKind::none);
  Object number(ObjectKind::number);
  for (const char* code : {"y#", "s#", "z#"}) {
    EXPECT_EQ(borrow_argument(code, bytes).value.size(), 12U) << code;
    EXPECT_EQ(borrow_argument(code, exporter).error, Error::type_error) << code;
    EXPECT_EQ(borrow_argument(code, number).error, Error::type_error) << code;
    EXPECT_EQ(borrow_argument(code, text).ok(), code[0] != 'y') << code;
    EXPECT_EQ(borrow_argument(code, none).ok(), code[0] == 'z') << code;
  }
  EXPECT_EQ(borrow_argument("s#", text).value, "abc");
  Exporter empty;
  build_memory(empty, named("empty_1d"));
  Bytes no_bytes(empty);
  EXPECT_TRUE(borrow_argument("s#", no_bytes).ok() && borrow_argument("s#", no_bytes).value.empty());
  EXPECT_EQ(borrow_argument("z#", none).value.data(), nullptr);
  EXPECT_EQ(exporter.exports(), 0);
  for (const char* code : {"y*", "w#", "y", "y##", "#y", ""})
    EXPECT_EQ(borrow_argument(code, bytes).error, Error::system_error) << code;
}

}  // namespace
}  // namespace bufspec::oracle
