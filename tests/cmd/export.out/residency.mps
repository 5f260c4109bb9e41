* Residency program of tiny (batch 1) on tiny-hw, by deepmatrix 0.1.0.
* Asked: --program residency --mode inference --tiles all --modes-per-operation 4
* Objective: the step's time in cycles: cycles = objective, rounded up. The best plan by a rule
*   (density_greedy_fast) has 1222 cycles: objective 1222.
* Rows and variables: formulations/residency.md. Slices are whole numbers; RES4 and RES5, RES12
*   and RES13 count times in the objective's unit, RES10 bytes as parts of the capacity.
* z_<operation>_<mode> is 1 where the operation runs in that mode, tau_<operation> is its time,
*   k_<tensor>_<event> the slices held meanwhile, s_<tensor>_<event> those that stay after it. 15
*   binaries, 15 integers, 53 rows.
* Memory of 128 bytes, a port of 1 bytes per cycle to the outside and one of its own of 4 bytes
*   per cycle, slices at multiples of 64 bytes.
* 3 operations with 15 modes, 0 of which may be left out (they compute a tensor again); 6 tensors
*   in 4 slices, fetched and stored up to 2 operations ahead.
NAME deepmatrix FREE
ROWS
 N RES1_time
 E RES2_conv
 L RES3_conv_0_0
 L RES3_conv_0_2
 L RES3_conv_0_3
 L RES3_conv_0_4
 L RES3_conv_0_5
 L RES3_conv_0_6
 L RES3_conv_0_7
 L RES3_conv_0_8
 L RES3_conv_0_9
 E RES3_conv_0
 L RES3_conv_1_0
 L RES3_conv_1_1
 L RES3_conv_1_2
 L RES3_conv_1_3
 L RES3_conv_1_4
 L RES3_conv_1_5
 L RES3_conv_1_7
 L RES3_conv_1_8
 L RES3_conv_1_9
 E RES3_conv_1
 G RES4_conv
 G RES5_conv
 G RES12_conv
 E RES2_pool
 G RES4_pool
 G RES5_pool
 G RES12_pool
 E RES2_fc
 L RES3_fc_0_0
 L RES3_fc_0_2
 L RES3_fc_0_3
 E RES3_fc_0
 G RES4_fc
 G RES5_fc
 G RES12_fc
 G RES6_relu_0_after
 G RES6_relu_0_stored
 G RES7_relu_0_written
 L RES8_relu_0
 G RES6_relu_1_before
 G RES6_pool_0_after
 G RES6_pool_0_stored
 G RES7_pool_0_written
 L RES8_pool_0
 G RES6_pool_1_before
 G RES6_fc_weight_0_before
 G RES6_fc_0_stored
 G RES7_fc_0_written
 L RES8_fc_0
 L RES10_conv
 L RES10_pool
 L RES10_fc
COLUMNS
 tau_conv RES1_time 1
 tau_conv RES4_conv 1
 tau_conv RES5_conv 1
 tau_conv RES12_conv 1
 MARKER 'MARKER' 'INTORG'
 z_conv_0 RES2_conv 1
 z_conv_0 RES3_conv_0_0 -4
 z_conv_0 RES3_conv_0 -4
 z_conv_0 RES3_conv_1_0 -4
 z_conv_0 RES3_conv_1 -4
 z_conv_0 RES4_conv -384
 z_conv_0 RES12_conv -912
 z_conv_0 RES10_conv 0.875
 z_conv_1 RES2_conv 1
 z_conv_1 RES3_conv_0 -4
 z_conv_1 RES3_conv_1_1 -4
 z_conv_1 RES3_conv_1 -4
 z_conv_1 RES4_conv -384
 z_conv_1 RES12_conv -912
 z_conv_1 RES10_conv 0.3125
 z_conv_2 RES2_conv 1
 z_conv_2 RES3_conv_0_2 -4
 z_conv_2 RES3_conv_0 -4
 z_conv_2 RES3_conv_1_2 -4
 z_conv_2 RES3_conv_1 -4
 z_conv_2 RES4_conv -384
 z_conv_2 RES12_conv -912
 z_conv_2 RES10_conv 0.5
 z_conv_3 RES2_conv 1
 z_conv_3 RES3_conv_0_3 -4
 z_conv_3 RES3_conv_0 -4
 z_conv_3 RES3_conv_1_3 -4
 z_conv_3 RES3_conv_1 -4
 z_conv_3 RES4_conv -384
 z_conv_3 RES5_conv -512
 z_conv_3 RES12_conv -1040
 z_conv_3 RES10_conv 0.21875
 z_conv_4 RES2_conv 1
 z_conv_4 RES3_conv_0_4 -4
 z_conv_4 RES3_conv_0 -4
 z_conv_4 RES3_conv_1_4 -4
 z_conv_4 RES3_conv_1 -4
 z_conv_4 RES4_conv -768
 z_conv_4 RES12_conv -1296
 z_conv_4 RES10_conv 0.125
 z_conv_5 RES2_conv 1
 z_conv_5 RES3_conv_0_5 -4
 z_conv_5 RES3_conv_0 -4
 z_conv_5 RES3_conv_1_5 -4
 z_conv_5 RES3_conv_1 -4
 z_conv_5 RES4_conv -288
 z_conv_5 RES12_conv -960
 z_conv_5 RES10_conv 1
 z_conv_6 RES2_conv 1
 z_conv_6 RES3_conv_0_6 -4
 z_conv_6 RES3_conv_0 -4
 z_conv_6 RES3_conv_1 -4
 z_conv_6 RES4_conv -288
 z_conv_6 RES12_conv -960
 z_conv_6 RES10_conv 0.4375
 z_conv_7 RES2_conv 1
 z_conv_7 RES3_conv_0_7 -4
 z_conv_7 RES3_conv_0 -4
 z_conv_7 RES3_conv_1_7 -4
 z_conv_7 RES3_conv_1 -4
 z_conv_7 RES4_conv -288
 z_conv_7 RES5_conv -2048
 z_conv_7 RES12_conv -1472
 z_conv_7 RES10_conv 0.15625
 z_conv_8 RES2_conv 1
 z_conv_8 RES3_conv_0_8 -4
 z_conv_8 RES3_conv_0 -4
 z_conv_8 RES3_conv_1_8 -4
 z_conv_8 RES3_conv_1 -4
 z_conv_8 RES4_conv -288
 z_conv_8 RES5_conv -4352
 z_conv_8 RES12_conv -2552
 z_conv_8 RES10_conv 0.203125
 z_conv_9 RES2_conv 1
 z_conv_9 RES3_conv_0_9 -4
 z_conv_9 RES3_conv_0 -4
 z_conv_9 RES3_conv_1_9 -4
 z_conv_9 RES3_conv_1 -4
 z_conv_9 RES4_conv -576
 z_conv_9 RES12_conv -1536
 z_conv_9 RES10_conv 0.109375
 MARKER 'MARKER' 'INTEND'
 g_conv_0_0 RES3_conv_0_0 1
 g_conv_0_0 RES3_conv_0 1
 g_conv_0_0 RES5_conv -18
 g_conv_0_0 RES12_conv -4.5
 g_conv_2_0 RES3_conv_0_2 1
 g_conv_2_0 RES3_conv_0 1
 g_conv_2_0 RES5_conv -72
 g_conv_2_0 RES12_conv -18
 g_conv_3_0 RES3_conv_0_3 1
 g_conv_3_0 RES3_conv_0 1
 g_conv_3_0 RES5_conv -144
 g_conv_3_0 RES12_conv -36
 g_conv_4_0 RES3_conv_0_4 1
 g_conv_4_0 RES3_conv_0 1
 g_conv_4_0 RES5_conv -288
 g_conv_4_0 RES12_conv -72
 g_conv_5_0 RES3_conv_0_5 1
 g_conv_5_0 RES3_conv_0 1
 g_conv_5_0 RES5_conv -24
 g_conv_5_0 RES12_conv -6
 g_conv_6_0 RES3_conv_0_6 1
 g_conv_6_0 RES3_conv_0 1
 g_conv_6_0 RES5_conv -24
 g_conv_6_0 RES12_conv -6
 g_conv_7_0 RES3_conv_0_7 1
 g_conv_7_0 RES3_conv_0 1
 g_conv_7_0 RES5_conv -72
 g_conv_7_0 RES12_conv -18
 g_conv_8_0 RES3_conv_0_8 1
 g_conv_8_0 RES3_conv_0 1
 g_conv_8_0 RES5_conv -72
 g_conv_8_0 RES12_conv -18
 g_conv_9_0 RES3_conv_0_9 1
 g_conv_9_0 RES3_conv_0 1
 g_conv_9_0 RES5_conv -144
 g_conv_9_0 RES12_conv -36
 g_conv_0_1 RES3_conv_1_0 1
 g_conv_0_1 RES3_conv_1 1
 g_conv_0_1 RES5_conv -18
 g_conv_0_1 RES12_conv -4.5
 g_conv_1_1 RES3_conv_1_1 1
 g_conv_1_1 RES3_conv_1 1
 g_conv_1_1 RES5_conv -18
 g_conv_1_1 RES12_conv -4.5
 g_conv_2_1 RES3_conv_1_2 1
 g_conv_2_1 RES3_conv_1 1
 g_conv_2_1 RES5_conv -72
 g_conv_2_1 RES12_conv -18
 g_conv_3_1 RES3_conv_1_3 1
 g_conv_3_1 RES3_conv_1 1
 g_conv_3_1 RES5_conv -18
 g_conv_3_1 RES12_conv -4.5
 g_conv_4_1 RES3_conv_1_4 1
 g_conv_4_1 RES3_conv_1 1
 g_conv_4_1 RES5_conv -144
 g_conv_4_1 RES12_conv -36
 g_conv_5_1 RES3_conv_1_5 1
 g_conv_5_1 RES3_conv_1 1
 g_conv_5_1 RES5_conv -18
 g_conv_5_1 RES12_conv -4.5
 g_conv_7_1 RES3_conv_1_7 1
 g_conv_7_1 RES3_conv_1 1
 g_conv_7_1 RES5_conv -288
 g_conv_7_1 RES12_conv -72
 g_conv_8_1 RES3_conv_1_8 1
 g_conv_8_1 RES3_conv_1 1
 g_conv_8_1 RES5_conv -72
 g_conv_8_1 RES12_conv -18
 g_conv_9_1 RES3_conv_1_9 1
 g_conv_9_1 RES3_conv_1 1
 g_conv_9_1 RES5_conv -288
 g_conv_9_1 RES12_conv -72
 tau_pool RES1_time 1
 tau_pool RES4_pool 1
 tau_pool RES5_pool 1
 tau_pool RES12_pool 1
 MARKER 'MARKER' 'INTORG'
 z_pool_0 RES2_pool 1
 z_pool_0 RES12_pool -20
 MARKER 'MARKER' 'INTEND'
 tau_fc RES1_time 1
 tau_fc RES4_fc 1
 tau_fc RES5_fc 1
 tau_fc RES12_fc 1
 MARKER 'MARKER' 'INTORG'
 z_fc_0 RES2_fc 1
 z_fc_0 RES3_fc_0_0 -4
 z_fc_0 RES3_fc_0 -4
 z_fc_0 RES4_fc -40
 z_fc_0 RES12_fc -132.5
 z_fc_0 RES10_fc 0.25
 z_fc_1 RES2_fc 1
 z_fc_1 RES3_fc_0 -4
 z_fc_1 RES4_fc -40
 z_fc_1 RES12_fc -132.5
 z_fc_1 RES10_fc 0.125
 z_fc_2 RES2_fc 1
 z_fc_2 RES3_fc_0_2 -4
 z_fc_2 RES3_fc_0 -4
 z_fc_2 RES4_fc -80
 z_fc_2 RES12_fc -152.5
 z_fc_2 RES10_fc 0.125
 z_fc_3 RES2_fc 1
 z_fc_3 RES3_fc_0_3 -4
 z_fc_3 RES3_fc_0 -4
 z_fc_3 RES4_fc -160
 z_fc_3 RES12_fc -232.5
 z_fc_3 RES10_fc 0.0625
 MARKER 'MARKER' 'INTEND'
 g_fc_0_0 RES3_fc_0_0 1
 g_fc_0_0 RES3_fc_0 1
 g_fc_0_0 RES5_fc -4
 g_fc_0_0 RES12_fc -1
 g_fc_2_0 RES3_fc_0_2 1
 g_fc_2_0 RES3_fc_0 1
 g_fc_2_0 RES5_fc -20
 g_fc_2_0 RES12_fc -5
 g_fc_3_0 RES3_fc_0_3 1
 g_fc_3_0 RES3_fc_0 1
 g_fc_3_0 RES5_fc -40
 g_fc_3_0 RES12_fc -10
 MARKER 'MARKER' 'INTORG'
 k_input_0 RES3_conv_0 1
 k_input_0 RES5_conv -18
 k_input_0 RES12_conv -4.5
 k_input_0 RES10_conv 0.5
 k_conv_weight_0 RES3_conv_1 1
 k_conv_weight_0 RES5_conv -18
 k_conv_weight_0 RES12_conv -4.5
 k_conv_weight_0 RES10_conv 0.5
 k_relu_0 RES5_conv 16
 k_relu_0 RES12_conv 4
 k_relu_0 RES6_relu_0_after 1
 k_relu_0 RES6_relu_0_stored 1
 k_relu_0 RES7_relu_0_written -1
 k_relu_0 RES10_conv 0.5
 c_relu_0 RES5_conv -16
 c_relu_0 RES12_conv -4
 c_relu_0 RES6_relu_0_stored -1
 c_relu_0 RES7_relu_0_written 1
 s_relu_0 RES5_pool 16
 s_relu_0 RES12_pool 4
 s_relu_0 RES6_relu_0_after -1
 s_relu_0 RES8_relu_0 -1
 s_relu_0 RES6_relu_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_relu_0 RES7_relu_0_written 1
 u_relu_0 RES8_relu_0 1
 MARKER 'MARKER' 'INTORG'
 k_relu_1 RES6_relu_1_before 1
 k_relu_1 RES10_pool 0.5
 k_pool_0 RES5_pool 4
 k_pool_0 RES12_pool 1
 k_pool_0 RES6_pool_0_after 1
 k_pool_0 RES6_pool_0_stored 1
 k_pool_0 RES7_pool_0_written -1
 k_pool_0 RES10_pool 0.5
 c_pool_0 RES5_pool -4
 c_pool_0 RES12_pool -1
 c_pool_0 RES6_pool_0_stored -1
 c_pool_0 RES7_pool_0_written 1
 s_pool_0 RES5_fc 4
 s_pool_0 RES12_fc 1
 s_pool_0 RES6_pool_0_after -1
 s_pool_0 RES8_pool_0 -1
 s_pool_0 RES6_pool_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_pool_0 RES7_pool_0_written 1
 u_pool_0 RES8_pool_0 1
 MARKER 'MARKER' 'INTORG'
 k_pool_1 RES3_fc_0 1
 k_pool_1 RES5_fc -4
 k_pool_1 RES12_fc -1
 k_pool_1 RES6_pool_1_before 1
 k_pool_1 RES10_fc 0.5
 k_fc_weight_0 RES6_fc_weight_0_before 1
 k_fc_weight_0 RES10_fc 0.5
 p_fc_weight_0_0 RES5_conv -40
 p_fc_weight_0_0 RES12_conv -10
 p_fc_weight_0_0 RES5_fc 40
 p_fc_weight_0_0 RES12_fc 10
 p_fc_weight_0_0 RES6_fc_weight_0_before -1
 p_fc_weight_0_0 RES10_conv 0.5
 p_fc_weight_0_0 RES10_pool 0.5
 p_fc_weight_0_1 RES5_pool -40
 p_fc_weight_0_1 RES12_pool -10
 p_fc_weight_0_1 RES5_fc 40
 p_fc_weight_0_1 RES12_fc 10
 p_fc_weight_0_1 RES6_fc_weight_0_before -1
 p_fc_weight_0_1 RES10_pool 0.5
 k_fc_0 RES5_fc 2.5
 k_fc_0 RES12_fc 0.625
 k_fc_0 RES6_fc_0_stored 1
 k_fc_0 RES7_fc_0_written -1
 k_fc_0 RES10_fc 0.5
 c_fc_0 RES5_fc -2.5
 c_fc_0 RES12_fc -0.625
 c_fc_0 RES6_fc_0_stored -1
 c_fc_0 RES7_fc_0_written 1
 MARKER 'MARKER' 'INTEND'
 u_fc_0 RES7_fc_0_written 1
 u_fc_0 RES8_fc_0 1
RHS
 RHS RES2_conv 1
 RHS RES5_conv 64
 RHS RES12_conv 16
 RHS RES2_pool 1
 RHS RES5_pool 80
 RHS RES12_pool 20
 RHS RES2_fc 1
 RHS RES5_fc 170
 RHS RES12_fc 42.5
 RHS RES10_conv 1
 RHS RES10_pool 1
 RHS RES10_fc 1
BOUNDS
 BV BOUND z_conv_0
 BV BOUND z_conv_1
 BV BOUND z_conv_2
 BV BOUND z_conv_3
 BV BOUND z_conv_4
 BV BOUND z_conv_5
 BV BOUND z_conv_6
 BV BOUND z_conv_7
 BV BOUND z_conv_8
 BV BOUND z_conv_9
 UP BOUND g_conv_0_0 4
 UP BOUND g_conv_2_0 4
 UP BOUND g_conv_3_0 4
 UP BOUND g_conv_4_0 4
 UP BOUND g_conv_5_0 4
 UP BOUND g_conv_6_0 4
 UP BOUND g_conv_7_0 4
 UP BOUND g_conv_8_0 4
 UP BOUND g_conv_9_0 4
 UP BOUND g_conv_0_1 4
 UP BOUND g_conv_1_1 4
 UP BOUND g_conv_2_1 4
 UP BOUND g_conv_3_1 4
 UP BOUND g_conv_4_1 4
 UP BOUND g_conv_5_1 4
 UP BOUND g_conv_7_1 4
 UP BOUND g_conv_8_1 4
 UP BOUND g_conv_9_1 4
 BV BOUND z_pool_0
 BV BOUND z_fc_0
 BV BOUND z_fc_1
 BV BOUND z_fc_2
 BV BOUND z_fc_3
 UP BOUND g_fc_0_0 4
 UP BOUND g_fc_2_0 4
 UP BOUND g_fc_3_0 4
 UP BOUND k_input_0 4
 UP BOUND k_conv_weight_0 4
 UP BOUND k_relu_0 4
 UP BOUND c_relu_0 4
 UP BOUND s_relu_0 4
 UP BOUND u_relu_0 4
 UP BOUND k_relu_1 4
 UP BOUND k_pool_0 4
 UP BOUND c_pool_0 4
 UP BOUND s_pool_0 4
 UP BOUND u_pool_0 4
 UP BOUND k_pool_1 4
 UP BOUND k_fc_weight_0 4
 UP BOUND p_fc_weight_0_0 4
 UP BOUND p_fc_weight_0_1 4
 UP BOUND k_fc_0 4
 UP BOUND c_fc_0 4
 UP BOUND u_fc_0 4
ENDATA
