// Does the judge find what is wrong with the values of an answer, and let pass what is only unusual?
// One right answer, spoilt in one way at a time; each row of the list says which rules are then broken.
#include <functional>

#include "right_answer.hpp"

namespace bufspec::oracle {
namespace {

struct Spoilt {
  const char* what;
  const char* layout;
  int word;
  std::function<void(Right&)> spoil;
  Names broken;
};

constexpr int all = flag::FULL_RO;

const std::vector<Spoilt>& spoilt_answers() {
  static const std::vector<Spoilt> list{
      {"nothing", "c_2d_int", all, [](Right&) {}, {}},
      {"len", "c_2d_int", all, [](Right& r) { r.view().len = 20; }, {"field.len.product"}},
      {"len without shape", "c_2d_int", 0, [](Right& r) { r.view().len = 20; }, {"field.len.product"}},
      {"itemsize",
       "c_2d_int",
       flag::ND,
       [](Right& r) { r.view().itemsize = 1; },
       {"field.itemsize.independent", "field.len.product"}},
      {"itemsize beside a format",
       "c_1d_one_item",
       flag::ND | flag::FORMAT,
       [](Right& r) { r.view().itemsize = 2, r.view().len = 2; },
       {"format.itemsize.agrees", "field.itemsize.independent"}},
      {"ndim", "c_2d_int", flag::ND, [](Right& r) { r.view().ndim = 1, r.view().len = 8; }, {"field.ndim.independent"}},
      {"ndim below 0",
       "c_2d_int",
       0,
       [](Right& r) { r.view().ndim = -1; },
       {"field.ndim.nonnegative", "request.ndim.without_nd"}},
      {"ndim above 64",
       "c_2d_int",
       0,
       [](Right& r) { r.view().ndim = 65; },
       {"field.ndim.at_most_64", "request.ndim.without_nd"}},
      {"ndim 64", "dimensions_64_ones", flag::ND, [](Right&) {}, {}},
      {"ndim 3 without ND", "c_2d_int", 0, [](Right& r) { r.view().ndim = 3; }, {"request.ndim.without_nd"}},
      {"ndim 2 of a scalar",
       "zero_dim_int",
       0,
       [](Right& r) { r.view().ndim = 2; },
       {"request.ndim.without_nd_zero_dim"}},
      {"an extent",
       "c_2d_int",
       flag::ND,
       [](Right& r) { r.view().shape_values[0] = 3, r.view().shape_values[1] = 2; },
       {"field.shape.same_for_all"}},
      {"a negative extent",
       "c_2d_int",
       flag::ND,
       [](Right& r) { r.view().shape_values[0] = -2; },
       {"field.shape.nonnegative", "field.shape.same_for_all"}},
      {"an extent of 64",
       "dimensions_64_c",
       flag::ND,
       [](Right& r) { r.view().shape_values[0] = 3, r.view().shape_values[63] = 2; },
       {"field.shape.same_for_all"}},
      {"a stride",
       "c_2d_int",
       flag::STRIDES,
       [](Right& r) { r.view().strides_values[0] = 16; },
       {"field.strides.same_for_all"}},
      {"the last stride",
       "c_2d_int",
       flag::STRIDES,
       [](Right& r) { r.view().strides_values[1] = 8; },
       {"field.strides.same_for_all"}},
      {"a stride of an extent of 1",
       "extent_one_middle_c",
       flag::STRIDES,
       [](Right& r) { r.view().strides_values[1] = 77; },
       {}},
      {"a stride of an empty memory", "empty_1d", flag::STRIDES, [](Right& r) { r.view().strides_values[0] = 77; }, {}},
      {"strides that are not C",
       "c_2d_int",
       flag::C_CONTIGUOUS,
       [](Right& r) { r.view().strides_values[0] = 4, r.view().strides_values[1] = 8; },
       {"field.strides.same_for_all", "layout.contiguous.as_requested"}},
      {"strides that are not F",
       "f_2d_int",
       flag::F_CONTIGUOUS,
       [](Right& r) { r.view().strides_values[1] = 12; },
       {"field.strides.same_for_all", "layout.contiguous.as_requested"}},
      {"strides of neither order",
       "f_2d_int",
       flag::ANY_CONTIGUOUS,
       [](Right& r) { r.view().strides_values[1] = 12; },
       {"field.strides.same_for_all", "layout.contiguous.as_requested"}},
      {"strides of the other order",
       "f_2d_int",
       flag::ANY_CONTIGUOUS,
       [](Right& r) { r.view().strides_values[0] = 12, r.view().strides_values[1] = 4; },
       {"field.strides.same_for_all"}},
      {"readonly 2", "c_2d_int_readonly", 0, [](Right& r) { r.view().readonly = 2; }, {"field.readonly.boolean"}},
      {"readonly -1", "c_2d_int_readonly", 0, [](Right& r) { r.view().readonly = -1; }, {"field.readonly.boolean"}},
      {"readonly under WRITABLE",
       "c_2d_int",
       flag::WRITABLE,
       [](Right& r) { r.view().readonly = 1; },
       {"request.writable.writable"}},
      {"readonly where it is not",
       "c_2d_int",
       0,
       [](Right& r) { r.view().readonly = 1; },
       {"field.readonly.same_for_all"}},
      {"not readonly where it is",
       "c_2d_int_readonly",
       0,
       [](Right& r) { r.view().readonly = 0; },
       {"field.readonly.same_for_all"}},
      {"obj NULL", "c_2d_int", 0, [](Right& r) { r.view().obj = Owner::null; }, {"field.obj.not_null"}},
      {"obj not written", "c_2d_int", 0, [](Right& r) { r.view().obj = Owner::untouched; }, {"field.obj.not_null"}},
      {"obj another object", "c_2d_int", 0, [](Right& r) { r.view().obj = Owner::other; }, {}},
      {"no reference",
       "c_2d_int",
       0,
       [](Right& r) { r.answer().references_gained = 0; },
       {"field.obj.owned_reference"}},
      {"two references", "c_2d_int", 0, [](Right& r) { r.answer().references_gained = 2; }, {}},
      {"references not seen", "c_2d_int", 0, [](Right& r) { r.answer().references_gained.reset(); }, {}},
      {"other elements",
       "c_2d_int",
       0,
       [](Right& r) { r.view().buf_offset = 4, r.answer().elements = SameElements::different; },
       {"field.buf.same_memory"}},
      {"the same elements elsewhere",
       "c_2d_int",
       0,
       [](Right& r) { r.view().buf_offset = 4, r.answer().elements = SameElements::same; },
       {}},
      {"elsewhere, not compared", "c_2d_int", 0, [](Right& r) { r.view().buf_offset = 4; }, {}},
      {"buf NULL",
       "c_2d_int",
       0,
       [](Right& r) { r.view().buf = Pointer::null, r.answer().elements = SameElements::different; },
       {"field.buf.same_memory"}},
      {"a format without end",
       "c_2d_int",
       all,
       [](Right& r) { r.view().format_terminated = false; },
       {"format.text.terminated"}},
      {"no format",
       "c_2d_int",
       all,
       [](Right& r) { r.view().format_text.assign("i%"); },
       {"format.text.parses", "format.text.same_for_all"}},
      {"another format",
       "c_2d_int",
       all,
       [](Right& r) { r.view().format_text.assign("I"); },
       {"format.text.same_for_all"}},
      {"the same format, written otherwise", "c_2d_int", all, [](Right& r) { r.view().format_text.assign("@i"); }, {}},
      {"a format of another size",
       "c_2d_int",
       all,
       [](Right& r) { r.view().format_text.assign("q"); },
       {"format.itemsize.agrees", "format.text.same_for_all"}},
      {"a structure of another size",
       "c_2d_int",
       all,
       [](Right& r) { r.view().format_text.assign("T{q:a:}"); },
       {"format.itemsize.agrees_pep3118", "format.text.same_for_all"}},
      {"a format that is cut off",
       "c_2d_int",
       all,
       [](Right& r) { r.view().format_text.assign(std::string(2000, 'i')); },
       {}},
      {"bytes beside the struct",
       "c_2d_int",
       0,
       [](Right& r) { r.answer().canaries_intact = false; },
       {"lifetime.struct.inside_only"}},
      {"an exception on success",
       "c_2d_int",
       0,
       [](Right& r) { r.answer().exception_set = true; },
       {"error.exception.none_on_success"}},
      {"no exception on failure",
       "f_2d_int",
       0,
       [](Right& r) { r.answer().exception_set = false; },
       {"error.exception.set_on_failure"}},
      {"another exception",
       "f_2d_int",
       0,
       [](Right& r) { r.answer().error = Error::type_error; },
       {"error.type.buffer_error"}},
      {"ValueError", "f_2d_int", 0, [](Right& r) { r.answer().error = Error::value_error; }, {}},
      {"obj after a failure",
       "f_2d_int",
       0,
       [](Right& r) { r.view().obj = Owner::exporter; },
       {"error.obj.null_on_failure"}},
      {"another obj after a failure",
       "f_2d_int",
       0,
       [](Right& r) { r.view().obj = Owner::other; },
       {"error.obj.null_on_failure"}},
      {"garbage after a failure",
       "f_2d_int",
       0,
       [](Right& r) { r.view().obj = Owner::garbage; },
       {"error.obj.null_on_failure"}},
      {"obj left alone by a failure", "f_2d_int", 0, [](Right& r) { r.view().obj = Owner::untouched; }, {}},
      {"a reserved word refused otherwise",
       "c_2d_int",
       flag::READ,
       [](Right& r) { r.answer().error = Error::buffer_error; },
       {"request.reserved.read_or_write_alone"}},
      {"another exception for FORMAT alone",
       "c_2d_int",
       flag::FORMAT,
       [](Right& r) { r.answer().error = Error::type_error; },
       {"error.type.buffer_error"}},
      {"obj after the release",
       "c_2d_int",
       0,
       [](Right& r) { r.released().obj = Owner::exporter; },
       {"lifetime.release.obj_null"}},
      {"bytes beside the struct at release",
       "c_2d_int",
       0,
       [](Right& r) { r.released().canaries_intact = false; },
       {"lifetime.struct.inside_only"}},
      {"an exception at release",
       "c_2d_int",
       0,
       [](Right& r) { r.released().exception_set = true; },
       {"error.exception.none_on_success"}},
      {"a reference kept",
       "c_2d_int",
       0,
       [](Right& r) { r.released().references_kept = 1; },
       {"lifetime.release.references_restored"}},
      {"a reference too many given back",
       "c_2d_int",
       0,
       [](Right& r) { r.released().references_kept = -1; },
       {"lifetime.release.obj_kept"}},
      {"a status above 0", "c_2d_int", 0, [](Right& r) { r.answer().status = 1; }, {"error.status.zero_or_minus_one"}},
      {"a status below -1",
       "f_2d_int",
       0,
       [](Right& r) { r.answer().status = -2; },
       {"error.status.zero_or_minus_one"}},
      {"a refusal with status 0",
       "f_2d_int",
       0,
       [](Right& r) { r.answer().status = 0; },
       {"error.status.zero_or_minus_one"}},
      {"a field left alone",
       "c_2d_int",
       0,
       [](Right& r) { r.answer().unwritten = field_bit::suboffsets; },
       {"field.struct.all_filled"}},
      {"fields left alone by a refusal", "f_2d_int", 0, [](Right& r) { r.answer().unwritten = field_bit::len; }, {}},
      {"an element outside",
       "c_2d_int",
       0,
       [](Right& r) { r.answer().memory_readable = false; },
       {"layout.bounds.inside_block"}},
      {"elements inside", "c_2d_int", 0, [](Right& r) { r.answer().memory_readable = true; }, {}},
      {"elements other than declared",
       "c_2d_int",
       0,
       [](Right& r) { r.answer().declared = SameElements::different; },
       {"field.buf.logical_start"}},
      {"elements as declared", "c_2d_int", 0, [](Right& r) { r.answer().declared = SameElements::same; }, {}},
      {"buf NULL with nothing to compare with",
       "c_2d_int",
       0,
       [](Right& r) { r.trace.richest.reset(), r.view().buf = Pointer::null; },
       {"field.buf.logical_start"}},
      {"buf NULL of empty memory",
       "empty_1d",
       0,
       [](Right& r) { r.trace.richest.reset(), r.view().buf = Pointer::null; },
       {}},
      {"a suboffset",
       "pil_2d_rows",
       all,
       [](Right& r) { r.view().suboffsets_values[0] = 4; },
       {"field.suboffsets.same_for_all"}},
      {"a pointer where none is",
       "pil_2d_rows",
       all,
       [](Right& r) { r.view().suboffsets_values[1] = 0; },
       {"field.suboffsets.same_for_all"}},
      {"another suboffset below 0", "pil_2d_rows", all, [](Right& r) { r.view().suboffsets_values[1] = -7; }, {}},
      {"a reference kept by a refusal",
       "f_2d_int",
       0,
       [](Right& r) { r.answer().references_gained = 1; },
       {"error.refusal.nothing_kept"}},
      {"a reference lost by a refusal",
       "f_2d_int",
       0,
       [](Right& r) { r.answer().references_gained = -1; },
       {"error.refusal.nothing_kept"}},
  };
  return list;
}

TEST(JudgeFieldsOracle, ASpoiltFieldBreaksItsRule) {
  for (const Spoilt& one : spoilt_answers()) {
    ASSERT_NE(tables().layout(one.layout), nullptr) << one.layout;
    Right right(one.layout, one.word);
    EXPECT_EQ(broken(right.judged()), Names{}) << one.what << ": before it is spoilt";
    one.spoil(right);
    EXPECT_EQ(broken(right.judged()), one.broken)
        << one.what << " of " << one.layout << " for " << flags_name(one.word);
    // Nothing is judged on what is not observed.
    right.trace.observes = 0;
    EXPECT_TRUE(right.judged().judged.none() && right.judged().clean()) << one.what << ": judged unseen";
  }
}

TEST(JudgeFieldsOracle, ExpectedAndFoundAreSaid) {
  const auto said = [](std::string_view layout, int word, const std::function<void(Right&)>& spoil) {
    Right right(layout, word);
    spoil(right);
    const Judgement judgement = right.judged();
    return judgement.violations.empty() ? "nothing"
                                        : judgement.violations[0].expected + "; " + judgement.violations[0].found;
  };
  EXPECT_EQ(said("c_2d_int", flag::ND, [](Right& r) { r.view().shape = Pointer::null; }),
            "shape an array of ndim entries for ND; shape NULL");
  EXPECT_EQ(said("c_2d_int", flag::ND, [](Right& r) { r.view().strides = Pointer::readable; }),
            "strides NULL for ND; strides not NULL");
  EXPECT_EQ(said("c_2d_int", flag::ND, [](Right& r) { r.view().shape = Pointer::untouched; }),
            "shape an array of ndim entries for ND; shape was not written");
  EXPECT_EQ(said("c_2d_int", flag::ND, [](Right& r) { r.view().shape = Pointer::unreadable; }),
            "shape an array of ndim entries for ND; shape points at memory that cannot be read");
  EXPECT_EQ(said("c_1d_int", flag::STRIDES, [](Right& r) { r.view().strides_values[0] = 8; }),
            "strides (4,); strides (8,)");
  EXPECT_EQ(said("c_2d_int", flag::STRIDES, [](Right& r) { r.view().strides_values[0] = 8; }),
            "strides (12, 4); strides (8, 4)");
  EXPECT_EQ(said("c_2d_int", 0, [](Right& r) { r.view().obj = Owner::null; }),
            "obj a reference to the exporter; obj NULL");
  EXPECT_EQ(said("c_2d_int", 0, [](Right& r) { r.view().obj = Owner::untouched; }),
            "obj a reference to the exporter; obj was not written");
  EXPECT_EQ(said("c_2d_int", 0, [](Right& r) { r.view().ndim = 3; }), "ndim 2, 1 or 0; ndim 3");
  EXPECT_EQ(said("c_1d_int", 0, [](Right& r) { r.view().ndim = 3; }), "ndim 1 or 0; ndim 3");
}

TEST(JudgeFieldsOracle, AContiguityRequestIsJudgedOnAScalarToo) {
  EXPECT_TRUE(
      Right("zero_dim_int", flag::C_CONTIGUOUS).judged().judged[index_of(Rule::layout_contiguous_as_requested)]);
  EXPECT_FALSE(Right("zero_dim_int", flag::STRIDES).judged().judged[index_of(Rule::layout_contiguous_as_requested)]);
}

TEST(JudgeFieldsOracle, AReadingIsTold) {
  const auto told = [](std::string_view layout, int word, const std::function<void(Right&)>& change, Rule rule,
                       const char* name) {
    Right right(layout, word);
    change(right);
    EXPECT_TRUE(reads(right.judged(), rule, name)) << rule_id(rule) << ": " << name;
    EXPECT_TRUE(right.judged().clean()) << rule_id(rule) << ": " << name << ": " << broken(right.judged()).front();
  };
  const auto same = [](Right&) {};
  told("c_2d_int", 0, same, Rule::request_ndim_without_nd, "one");
  told("c_2d_int", 0, [](Right& r) { r.view().ndim = 0; }, Rule::request_ndim_without_nd, "zero");
  told("c_2d_int", 0, [](Right& r) { r.view().ndim = 2; }, Rule::request_ndim_without_nd, "original");
  told("zero_dim_int", 0, same, Rule::request_ndim_without_nd_zero_dim, "one");
  told("zero_dim_int", 0, [](Right& r) { r.view().ndim = 0; }, Rule::request_ndim_without_nd_zero_dim, "zero");
  told("f_2d_int", 0, same, Rule::error_type_buffer_error, "buffer_error");
  told(
      "f_2d_int", 0, [](Right& r) { r.answer().error = Error::value_error; }, Rule::error_type_buffer_error,
      "value_error");
  told("f_2d_int", 0, same, Rule::error_obj_null_on_failure, "null");
  told("f_2d_int", 0, [](Right& r) { r.view().obj = Owner::untouched; }, Rule::error_obj_null_on_failure, "untouched");
  told("c_2d_int", flag::FORMAT, same, Rule::request_format_without_nd, "refused");
  // One dimension is 1 under two readings: it tells nothing.
  EXPECT_FALSE(reads(Right("c_1d_int", 0).judged(), Rule::request_ndim_without_nd, "one"));
  EXPECT_FALSE(reads(Right("c_1d_int", 0).judged(), Rule::request_ndim_without_nd, "original"));
}

TEST(JudgeFieldsOracle, FormatWithoutExtentsIsTheTrueOneOrBytes) {
  for (const char* layout : {"c_2d_int", "bytes_one_dim"}) {
    for (const auto& [text, name] :
         {std::pair{"i", "true_format"}, std::pair{"B", "bytes_format"}, std::pair{"q", ""}}) {
      Right right(layout, flag::FORMAT);
      Right granted(layout, flag::FORMAT, Edition::founding_2010);
      right.answer() = granted.answer();
      right.view().format_text.assign(text);
      const bool is_bytes = std::string_view(layout) == "bytes_one_dim";
      const bool allowed = text == std::string_view("B") || (!is_bytes && text == std::string_view("i"));
      EXPECT_EQ(right.judged().clean(), allowed) << layout << ' ' << text;
      EXPECT_EQ(broken(right.judged()), allowed ? Names{} : Names{"request.format.without_nd"})
          << layout << ' ' << text;
      // Where the true format is "B" the answer tells nothing.
      const bool told = allowed && reads(right.judged(), Rule::request_format_without_nd, name);
      EXPECT_EQ(told, allowed && !is_bytes) << layout << ' ' << text;
    }
  }
}

}  // namespace
}  // namespace bufspec::oracle
