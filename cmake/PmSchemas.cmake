# The published schemas (docs/schemas/*.json) inside the program: pm::schemas defines published_schemas() of src/cli/schema.h.

function(pm_schemas)
  file(GLOB paths CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/docs/schemas/*.json")
  set(assembler "    .section .rodata\n")
  set(declarations "")
  set(rows "")
  set(index 0)
  foreach(path IN LISTS paths)
    get_filename_component(name "${path}" NAME_WLE)
    string(REGEX REPLACE "\\.([0-9]+)$" "/\\1" name "${name}")
    set(symbol "pm_schema_${index}")
    foreach(each ${symbol} ${symbol}_end)
      string(APPEND declarations "extern \"C\" const char ${each}[];\n")
      string(APPEND assembler "    .global ${each}\n    .hidden ${each}\n${each}:\n")
      if(each STREQUAL symbol)
        string(APPEND assembler "    .incbin \"${path}\"\n")
      endif()
    endforeach()
    string(APPEND rows "        {\"${name}\", text(${symbol}, ${symbol}_end)},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembler "    .section .note.GNU-stack,\"\",%progbits\n")
  set(out "${CMAKE_BINARY_DIR}/schemas")
  file(CONFIGURE OUTPUT "${out}/schemas.S" CONTENT "@assembler@" @ONLY)
  file(CONFIGURE OUTPUT "${out}/schemas.cpp" @ONLY CONTENT [[
#include "cli/schema.h"

@declarations@
namespace phantom::cli {

namespace {

std::string_view text(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

const std::vector<PublishedSchema>& published_schemas() {
    static const std::vector<PublishedSchema> all{
@rows@    };
    return all;
}

}  // namespace phantom::cli
]])
  set_source_files_properties("${out}/schemas.S" PROPERTIES OBJECT_DEPENDS "${paths}")
  add_library(pm_schemas STATIC "${out}/schemas.cpp" "${out}/schemas.S")
  target_include_directories(pm_schemas PRIVATE "${CMAKE_SOURCE_DIR}/src")
  set_target_properties(pm_schemas PROPERTIES UNITY_BUILD OFF INTERPROCEDURAL_OPTIMIZATION OFF)
  add_library(pm::schemas ALIAS pm_schemas)
endfunction()
