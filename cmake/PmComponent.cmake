# pm_component(NAME x DEPS ... [TEST_DEPS ...] [PROGRAM name])
#
# The folder src/x is one target; what a file is, its suffix says:
#   *_test.cpp    -> x_test, run by ctest as "x" (label unit)
#   *_bench.cpp   -> x_bench (Google Benchmark)
#   NAME_fuzz.cpp -> x_NAME_fuzz in the asan preset, with the corpus fuzz/x_NAME (label fuzz)
#   main.cpp      -> PROGRAM, at the top of the build folder
#   the rest      -> the library pm_x
# DEPS are other components, or imported targets ("fmt::fmt"). A component may depend only on one of
# lower rank in tools/layers.txt: anything else stops the configuration.

set(PM_LAYERS_FILE "${CMAKE_SOURCE_DIR}/tools/layers.txt")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PM_LAYERS_FILE}")

function(pm_component)
  cmake_parse_arguments(PM "" "NAME;PROGRAM" "DEPS;TEST_DEPS" ${ARGN})
  if(PM_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "pm_component(${PM_NAME}): what is ${PM_UNPARSED_ARGUMENTS}?")
  endif()
  _pm_refuse_upward_dependency(${PM_NAME} "${PM_DEPS}")

  set(folder "${CMAKE_SOURCE_DIR}/src/${PM_NAME}")
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$|/main\\.cpp$")

  _pm_library(${PM_NAME} "${sources}" "${PM_DEPS}")
  if(PM_PROGRAM)
    add_executable(${PM_PROGRAM} "${folder}/main.cpp")
    target_link_libraries(${PM_PROGRAM} PRIVATE pm_${PM_NAME})
    set_target_properties(${PM_PROGRAM} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  endif()
  if(PM_TESTS AND tests)
    _pm_test(${PM_NAME} "${tests}" "${PM_TEST_DEPS}")
  endif()
  if(PM_TESTS AND benches AND NOT PM_SANITIZE)  # nobody measures those
    add_executable(${PM_NAME}_bench ${benches})
    target_link_libraries(${PM_NAME}_bench PRIVATE
      pm_${PM_NAME} ${PM_TEST_DEPS} benchmark::benchmark benchmark::benchmark_main)
  endif()
  if(PM_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      _pm_fuzzer(${PM_NAME} "${fuzzer}")
    endforeach()
  endif()
endfunction()

# The rank of a component, from the lines "RANK FOLDER" of tools/layers.txt.
function(_pm_rank name out)
  file(STRINGS "${PM_LAYERS_FILE}" lines REGEX "^[0-9]+ ")
  foreach(line IN LISTS lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(POP_FRONT words rank)
    if(name IN_LIST words)
      set(${out} ${rank} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "pm_component: ${name} has no rank; give it one in tools/layers.txt")
endfunction()

function(_pm_refuse_upward_dependency name deps)
  _pm_rank(${name} rank)
  foreach(dep IN LISTS deps)
    if(dep MATCHES "::")
      continue()
    endif()
    _pm_rank(${dep} dep_rank)
    if(NOT dep_rank LESS rank)
      message(FATAL_ERROR
        "pm_component(${name}): ${name} has rank ${rank} and may not depend on ${dep} of rank "
        "${dep_rank}. Pass what you need in from above, or move it down (see CONTRIBUTING.md).")
    endif()
    if(NOT TARGET pm_${dep})
      message(FATAL_ERROR "pm_component(${name}): list ${dep} before ${name} in CMakeLists.txt")
    endif()
  endforeach()
endfunction()

# Several files as one unit, since most of the time goes into headers. What a packet meets is compiled file
# by file in what ships, so that a measurement there is of the file.
set(PM_BATCHED_COMPONENTS manual terminal top mcp doctor oidc identity mesh policy carrier reach names store courier evidence ml
  assess behaviour alert detect scenario intel remedy incident playbook respond intake telling cli
  api daemon)

# Tests in which GCC 12 at -O3 sees of the library's vectors and strings what is not there.
set(PM_TESTS_WITH_FALSE_ALARMS metrics remedy behaviour evidence intel respond api daemon)

function(_pm_batch_in_release target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  endif()
endfunction()

function(_pm_library name sources deps)
  list(TRANSFORM deps REPLACE "^([a-z_]+)$" "pm_\\1")
  if(sources)
    add_library(pm_${name} STATIC ${sources})
    set(scope PUBLIC)
    if(name IN_LIST PM_BATCHED_COMPONENTS)
      _pm_batch_in_release(pm_${name})
    endif()
  else()
    add_library(pm_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(pm_${name} ${scope} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(pm_${name} ${scope} ${deps} pm_options)
endfunction()

function(_pm_test name tests deps)
  add_executable(${name}_test ${tests})
  target_link_libraries(${name}_test PRIVATE
    pm_${name} ${deps} rapidcheck GTest::gtest GTest::gtest_main)
  # Libraries carry plain code beside that for the linker: to optimise each test as a whole takes a minute and finds nothing.
  set_target_properties(${name}_test PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_link_options(${name}_test PRIVATE -fno-lto)
  _pm_batch_in_release(${name}_test)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND name IN_LIST PM_TESTS_WITH_FALSE_ALARMS)
    target_compile_options(${name}_test PRIVATE
      -Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds)
  endif()
  # They run in the root of the project (below); its path here would hide from ccache what another
  # checkout has compiled.
  target_compile_definitions(${name}_test PRIVATE PM_SOURCE_DIR=".")
  # One entry for each component, because starting a sanitized program for each case would cost more
  # than the case; tools/test_report counts the cases in the report that GoogleTest leaves.
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  # Ten times slower under a sanitizer, and the machine may be busy: this only ends what hangs.
  set_tests_properties(${name} PROPERTIES
    LABELS unit TIMEOUT 1200 WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    ENVIRONMENT "GTEST_OUTPUT=xml:${CMAKE_BINARY_DIR}/results/gtest/${name}.xml")
endfunction()

function(_pm_fuzzer component source)
  get_filename_component(stem "${source}" NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" stem "${stem}")
  set(name ${component}_${stem})
  add_executable(${name}_fuzz "${source}")
  target_link_libraries(${name}_fuzz PRIVATE pm_${component})
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  # libFuzzer writes what it finds into the first folder, and only reads the others.
  set(found "${CMAKE_BINARY_DIR}/corpus/${name}")
  set(corpus "${CMAKE_SOURCE_DIR}/fuzz/${name}")
  file(MAKE_DIRECTORY "${found}")
  if(NOT IS_DIRECTORY "${corpus}")
    set(corpus "")  # tools/check_tree asks for one
  endif()
  add_test(NAME fuzz.${name}
    COMMAND ${name}_fuzz -max_total_time=${PM_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=1024
            -artifact_prefix=${CMAKE_BINARY_DIR}/${name}- "${found}" ${corpus})
  math(EXPR limit "${PM_FUZZ_SECONDS} + 60")
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT ${limit})
endfunction()
