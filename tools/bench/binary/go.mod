module callboard-bench-binary

go 1.21
