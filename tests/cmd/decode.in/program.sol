Minimize
 LAY1_log_cycles: z
