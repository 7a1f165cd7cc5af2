# Tests of the built programs in network namespaces: each file of tests/netns that begins with "#!"
# is one, run as "netns.NAME" (label netns). They run one at a time, since they load the machine or look at
# a clock; with a line "# beside others" a file says that it does neither.
#   exit 0 passed, 77 skipped (not root, no TUN device ...), anything else failed
#   lines of TAP ("ok 1 - name", "not ok 2 - name", "ok 3 - name # SKIP why") are counted one by one
#   a line "# timeout: SECONDS" in the file replaces the 300 seconds it is given

# Each tests/netns/NAME.cpp is a helper program NAME, beside phantomd in the build folder. The
# benchmark of whole tunnels uses them too, so they are built without PM_TESTS as well.
function(pm_helper_programs)
  file(GLOB helpers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/netns/*.cpp")
  foreach(helper IN LISTS helpers)
    get_filename_component(name "${helper}" NAME_WE)
    add_executable(${name} "${helper}")
    target_link_libraries(${name} PRIVATE pm_options)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  endforeach()
endfunction()

# tests/netns as above; tests/detection likewise, as "cases.NAME" (label cases): public test cases
# through the built programs, without namespaces.
function(pm_system_tests)
  _pm_script_tests(netns tests/netns)
  _pm_script_tests(cases tests/detection)
endfunction()

function(_pm_script_tests label folder)
  file(GLOB scripts CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/${folder}/*.py" "${CMAKE_SOURCE_DIR}/${folder}/*.sh")
  foreach(script IN LISTS scripts)
    file(STRINGS "${script}" first LIMIT_COUNT 1)
    if(NOT first MATCHES "^#!")
      continue()  # shared by tests, not one itself
    endif()
    set(timeout 300)
    file(STRINGS "${script}" line REGEX "^# timeout: [0-9]+$" LIMIT_COUNT 1)
    if(line)
      string(REGEX REPLACE "^# timeout: " "" timeout "${line}")
    endif()
    set(alone ON)
    file(STRINGS "${script}" line REGEX "^# beside others$" LIMIT_COUNT 1)
    if(line)
      set(alone OFF)
    endif()
    get_filename_component(name "${script}" NAME_WE)
    if(script MATCHES "\\.py$")
      add_test(NAME ${label}.${name} COMMAND python3 "${script}")
    else()
      add_test(NAME ${label}.${name} COMMAND bash "${script}")
    endif()
    set_tests_properties(${label}.${name} PROPERTIES
      LABELS ${label} RUN_SERIAL ${alone} SKIP_RETURN_CODE 77 TIMEOUT ${timeout}
      ENVIRONMENT "PHANTOMD=${CMAKE_BINARY_DIR}/phantomd;PHANTOM_BUILD=${CMAKE_BINARY_DIR}")
  endforeach()
endfunction()
