# HiGHS is compiled in a few large units: a third of the processor time of one unit for each of its
# files, whose headers take most of it. The program is the same.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
