NAME deepmatrix FREE
ROWS
 N RES1_time
 E RES2_l0
 G RES3_l0_0
 G RES4_l0
 G RES5_l0
 G RES12_l0_read
 G RES12_l0_write
 E RES2_l1
 G RES3_l1_0
 G RES4_l1
 G RES5_l1
 G RES12_l1_read
 G RES12_l1_write
 E RES2_l2
 G RES3_l2_0
 G RES4_l2
 G RES5_l2
 G RES12_l2_read
 G RES12_l2_write
 E RES2_l3
 G RES3_l3_0
 G RES4_l3
 G RES5_l3
 G RES12_l3_read
 G RES12_l3_write
 E RES2_l3_loss
 G RES4_l3_loss
 G RES5_l3_loss
 G RES12_l3_loss_read
 G RES12_l3_loss_write
 E RES2_l3_backward_weight
 G RES3_l3_backward_weight_0
 G RES4_l3_backward_weight
 G RES5_l3_backward_weight
 G RES12_l3_backward_weight_read
 G RES12_l3_backward_weight_write
 E RES2_l3_backward_data
 G RES4_l3_backward_data
 G RES5_l3_backward_data
 G RES12_l3_backward_data_read
 G RES12_l3_backward_data_write
 G RES14_l3_backward_data_0
 G RES14_l3_backward_data_0_outer
 G RES14_l3_backward_data_0_inner_read
 G RES14_l3_backward_data_0_inner_write
 G RES14_l3_backward_data_1
 G RES14_l3_backward_data_1_outer
 G RES14_l3_backward_data_1_inner_read
 G RES14_l3_backward_data_1_inner_write
 G RES14_l3_backward_data_2
 G RES14_l3_backward_data_2_outer
 G RES14_l3_backward_data_2_inner_read
 G RES14_l3_backward_data_2_inner_write
 G RES14_l3_backward_data_3
 G RES14_l3_backward_data_3_outer
 G RES14_l3_backward_data_3_inner_read
 G RES14_l3_backward_data_3_inner_write
 G RES14_l3_backward_data
 E RES2_l2_backward_weight
 G RES3_l2_backward_weight_0
 G RES4_l2_backward_weight
 G RES5_l2_backward_weight
 G RES12_l2_backward_weight_read
 G RES12_l2_backward_weight_write
 E RES2_l2_backward_data
 G RES4_l2_backward_data
 G RES5_l2_backward_data
 G RES12_l2_backward_data_read
 G RES12_l2_backward_data_write
 E RES2_l1_backward_weight
 G RES3_l1_backward_weight_0
 G RES3_l1_backward_weight_1
 G RES4_l1_backward_weight
 G RES5_l1_backward_weight
 G RES12_l1_backward_weight_read
 G RES12_l1_backward_weight_write
 E RES2_l1_backward_data
 G RES3_l1_backward_data_0
 G RES3_l1_backward_data_1
 G RES4_l1_backward_data
 G RES5_l1_backward_data
 G RES12_l1_backward_data_read
 G RES12_l1_backward_data_write
 E RES2_l0_backward_weight
 G RES4_l0_backward_weight
 G RES5_l0_backward_weight
 G RES12_l0_backward_weight_read
 G RES12_l0_backward_weight_write
 E RES2_l0_weight_update
 G RES4_l0_weight_update
 G RES5_l0_weight_update
 G RES12_l0_weight_update_read
 G RES12_l0_weight_update_write
 E RES2_l1_weight_update
 G RES4_l1_weight_update
 G RES5_l1_weight_update
 G RES12_l1_weight_update_read
 G RES12_l1_weight_update_write
 E RES2_l2_weight_update
 G RES4_l2_weight_update
 G RES5_l2_weight_update
 G RES12_l2_weight_update_read
 G RES12_l2_weight_update_write
 E RES2_l3_weight_update
 G RES4_l3_weight_update
 G RES5_l3_weight_update
 G RES12_l3_weight_update_read
 G RES12_l3_weight_update_write
 G RES6_input_0_after
 G RES6_input_1_before
 G RES6_l0_weight_1_after
 G RES6_l0_weight_1_stored
 G RES7_l0_weight_1_written
 L RES8_l0_weight_1
 G RES6_l0_0_after
 G RES6_l0_0_stored
 G RES7_l0_0_written
 L RES8_l0_0
 G RES6_l0_1_before
 G RES6_l0_1_after
 G RES6_l0_1_stored
 G RES7_l0_1_before
 L RES8_l0_1
 G RES6_l0_2_before
 G RES6_l1_weight_0_before
 G RES6_l1_weight_0_after
 G RES6_l1_weight_1_before
 G RES6_l1_weight_2_after
 G RES6_l1_weight_2_stored
 G RES7_l1_weight_2_written
 L RES8_l1_weight_2
 G RES6_l1_0_after
 G RES6_l1_0_stored
 G RES7_l1_0_written
 L RES8_l1_0
 G RES6_l1_1_before
 G RES6_l1_1_after
 G RES6_l1_1_stored
 G RES7_l1_1_before
 L RES8_l1_1
 G RES6_l1_2_before
 G RES6_l2_weight_0_before
 G RES6_l2_weight_0_after
 G RES6_l2_weight_1_before
 G RES6_l2_weight_2_after
 G RES6_l2_weight_2_stored
 G RES7_l2_weight_2_written
 L RES8_l2_weight_2
 G RES6_l2_0_after
 G RES6_l2_0_stored
 G RES7_l2_0_written
 L RES8_l2_0
 G RES6_l2_1_before
 G RES6_l2_1_after
 G RES6_l2_1_stored
 G RES7_l2_1_before
 L RES8_l2_1
 G RES6_l2_2_before
 L RES9_l2_2_4
 G RES6_l3_weight_0_before
 G RES6_l3_weight_0_after
 G RES6_l3_weight_1_before
 G RES6_l3_weight_2_stored
 G RES7_l3_weight_2_written
 L RES8_l3_weight_2
 G RES6_l3_0_after
 G RES6_l3_0_stored
 G RES7_l3_0_written
 L RES8_l3_0
 G RES6_l3_1_before
 G RES6_l3_target_0_before
 G RES6_l3_loss_0_after
 G RES6_l3_loss_0_stored
 G RES7_l3_loss_0_written
 L RES8_l3_loss_0
 G RES6_l3_gradient_0_after
 G RES6_l3_gradient_0_stored
 G RES7_l3_gradient_0_written
 L RES8_l3_gradient_0
 G RES6_l3_gradient_1_before
 G RES6_l3_gradient_1_after
 G RES6_l3_gradient_1_stored
 G RES7_l3_gradient_1_before
 L RES8_l3_gradient_1
 G RES6_l3_gradient_2_before
 G RES6_l3_weight_gradient_0_after
 G RES6_l3_weight_gradient_0_stored
 G RES7_l3_weight_gradient_0_written
 L RES8_l3_weight_gradient_0
 G RES6_l3_weight_gradient_1_before
 G RES6_l2_gradient_0_after
 G RES6_l2_gradient_0_stored
 G RES7_l2_gradient_0_written
 L RES8_l2_gradient_0
 G RES6_l2_gradient_1_before
 G RES6_l2_gradient_1_after
 G RES6_l2_gradient_1_stored
 G RES7_l2_gradient_1_before
 L RES8_l2_gradient_1
 G RES6_l2_gradient_2_before
 G RES6_l2_weight_gradient_0_after
 G RES6_l2_weight_gradient_0_stored
 G RES7_l2_weight_gradient_0_written
 L RES8_l2_weight_gradient_0
 G RES6_l2_weight_gradient_1_before
 G RES6_l1_gradient_0_after
 G RES6_l1_gradient_0_stored
 G RES7_l1_gradient_0_written
 L RES8_l1_gradient_0
 G RES6_l1_gradient_1_before
 G RES6_l1_gradient_1_after
 G RES6_l1_gradient_1_stored
 G RES7_l1_gradient_1_before
 L RES8_l1_gradient_1
 G RES6_l1_gradient_2_before
 G RES6_l1_weight_gradient_0_after
 G RES6_l1_weight_gradient_0_stored
 G RES7_l1_weight_gradient_0_written
 L RES8_l1_weight_gradient_0
 G RES6_l1_weight_gradient_1_before
 G RES6_l0_gradient_0_after
 G RES6_l0_gradient_0_stored
 G RES7_l0_gradient_0_written
 L RES8_l0_gradient_0
 G RES6_l0_gradient_1_before
 G RES6_l0_weight_gradient_0_after
 G RES6_l0_weight_gradient_0_stored
 G RES7_l0_weight_gradient_0_written
 L RES8_l0_weight_gradient_0
 G RES6_l0_weight_gradient_1_before
 G RES6_l0_weight_master_0_before
 G RES6_l0_weight_master_0_after
 G RES6_l0_weight_master_0_stored
 G RES7_l0_weight_master_0_written
 L RES8_l0_weight_master_0
 G RES6_l1_weight_master_0_before
 G RES6_l1_weight_master_0_after
 G RES6_l1_weight_master_0_stored
 G RES7_l1_weight_master_0_written
 L RES8_l1_weight_master_0
 G RES6_l2_weight_master_0_before
 G RES6_l2_weight_master_0_after
 G RES6_l2_weight_master_0_stored
 G RES7_l2_weight_master_0_written
 L RES8_l2_weight_master_0
 G RES6_l3_weight_master_0_before
 G RES6_l3_weight_master_0_stored
 G RES7_l3_weight_master_0_written
 L RES8_l3_weight_master_0
 L RES10_l0
 L RES10_l1
 L RES10_l2
 L RES10_l3
 L RES10_l3_loss
 L RES10_l3_backward_weight
 L RES10_l3_backward_data
 L RES10_l2_backward_weight
 L RES10_l2_backward_data
 L RES10_l1_backward_weight
 L RES10_l1_backward_data
 L RES10_l0_backward_weight
 L RES10_l0_weight_update
 L RES10_l1_weight_update
 L RES10_l2_weight_update
 L RES10_l3_weight_update
COLUMNS
 tau_l0 RES1_time 1
 tau_l0 RES4_l0 1
 tau_l0 RES5_l0 1
 tau_l0 RES12_l0_read 1
 tau_l0 RES12_l0_write 1
 MARKER 'MARKER' 'INTORG'
 z_l0_0 RES2_l0 1
 z_l0_0 RES4_l0 -203.971783903
 z_l0_0 RES12_l0_read -688.971358962
 z_l0_0 RES12_l0_write -122.383070342
 z_l0_0 RES10_l0 0.94
 z_l0_1 RES2_l0 1
 z_l0_1 RES3_l0_0 -2
 z_l0_1 RES4_l0 -203.971783903
 z_l0_1 RES12_l0_read -688.971358962
 z_l0_1 RES12_l0_write -122.383070342
 z_l0_1 RES10_l0 0.14
 MARKER 'MARKER' 'INTEND'
 tau_l1 RES1_time 1
 tau_l1 RES4_l1 1
 tau_l1 RES5_l1 1
 tau_l1 RES12_l1_read 1
 tau_l1 RES12_l1_write 1
 MARKER 'MARKER' 'INTORG'
 z_l1_0 RES2_l1 1
 z_l1_0 RES4_l1 -15.2978837927
 z_l1_0 RES12_l1_read -67.9905946344
 z_l1_0 RES12_l1_write -5.09929459758
 z_l1_0 RES10_l1 0.48
 z_l1_1 RES2_l1 1
 z_l1_1 RES3_l1_0 -2
 z_l1_1 RES4_l1 -15.2978837927
 z_l1_1 RES12_l1_read -67.9905946344
 z_l1_1 RES12_l1_write -5.09929459758
 z_l1_1 RES10_l1 0.0533333333333
 MARKER 'MARKER' 'INTEND'
 tau_l2 RES1_time 1
 tau_l2 RES4_l2 1
 tau_l2 RES5_l2 1
 tau_l2 RES12_l2_read 1
 tau_l2 RES12_l2_write 1
 MARKER 'MARKER' 'INTORG'
 z_l2_0 RES2_l2 1
 z_l2_0 RES4_l2 -91.7873027565
 z_l2_0 RES12_l2_read -227.768492025
 z_l2_0 RES12_l2_write -50.9929459758
 z_l2_0 RES10_l2 0.28
 z_l2_1 RES2_l2 1
 z_l2_1 RES3_l2_0 -2
 z_l2_1 RES4_l2 -91.7873027565
 z_l2_1 RES12_l2_read -227.768492025
 z_l2_1 RES12_l2_write -50.9929459758
 z_l2_1 RES10_l2 0.12
 MARKER 'MARKER' 'INTEND'
 tau_l3 RES1_time 1
 tau_l3 RES4_l3 1
 tau_l3 RES5_l3 1
 tau_l3 RES12_l3_read 1
 tau_l3 RES12_l3_write 1
 MARKER 'MARKER' 'INTORG'
 z_l3_0 RES2_l3 1
 z_l3_0 RES4_l3 -68.8404770673
 z_l3_0 RES12_l3_read -181.874840647
 z_l3_0 RES12_l3_write -43.3440040794
 z_l3_0 RES10_l3 0.526666666667
 z_l3_1 RES2_l3 1
 z_l3_1 RES3_l3_0 -2
 z_l3_1 RES4_l3 -68.8404770673
 z_l3_1 RES12_l3_read -181.874840647
 z_l3_1 RES12_l3_write -43.3440040794
 z_l3_1 RES10_l3 0.206666666667
 MARKER 'MARKER' 'INTEND'
 tau_l3_loss RES1_time 1
 tau_l3_loss RES4_l3_loss 1
 tau_l3_loss RES5_l3_loss 1
 tau_l3_loss RES12_l3_loss_read 1
 tau_l3_loss RES12_l3_loss_write 1
 MARKER 'MARKER' 'INTORG'
 z_l3_loss_0 RES2_l3_loss 1
 z_l3_loss_0 RES4_l3_loss -25.4964729879
 z_l3_loss_0 RES12_l3_loss_read -5.6658828862
 z_l3_loss_0 RES12_l3_loss_write -2.97458851526
 MARKER 'MARKER' 'INTEND'
 tau_l3_backward_weight RES1_time 1
 tau_l3_backward_weight RES4_l3_backward_weight 1
 tau_l3_backward_weight RES5_l3_backward_weight 1
 tau_l3_backward_weight RES12_l3_backward_weight_read 1
 tau_l3_backward_weight RES12_l3_backward_weight_write 1
 MARKER 'MARKER' 'INTORG'
 z_l3_backward_weight_0 RES2_l3_backward_weight 1
 z_l3_backward_weight_0 RES4_l3_backward_weight -68.8404770673
 z_l3_backward_weight_0 RES12_l3_backward_weight_read -112.184481147
 z_l3_backward_weight_0 RES12_l3_backward_weight_write -68.8404770673
 z_l3_backward_weight_0 RES10_l3_backward_weight 0.413333333333
 z_l3_backward_weight_1 RES2_l3_backward_weight 1
 z_l3_backward_weight_1 RES3_l3_backward_weight_0 -2
 z_l3_backward_weight_1 RES4_l3_backward_weight -68.8404770673
 z_l3_backward_weight_1 RES12_l3_backward_weight_read -112.184481147
 z_l3_backward_weight_1 RES12_l3_backward_weight_write -68.8404770673
 z_l3_backward_weight_1 RES10_l3_backward_weight 0.0933333333333
 MARKER 'MARKER' 'INTEND'
 tau_l3_backward_data RES1_time 1
 tau_l3_backward_data RES4_l3_backward_data 1
 tau_l3_backward_data RES5_l3_backward_data 1
 tau_l3_backward_data RES12_l3_backward_data_read 1
 tau_l3_backward_data RES12_l3_backward_data_write 1
 tau_l3_backward_data RES14_l3_backward_data 1
 MARKER 'MARKER' 'INTORG'
 z_l3_backward_data_0 RES2_l3_backward_data 1
 z_l3_backward_data_0 RES4_l3_backward_data -56.0922405734
 z_l3_backward_data_0 RES12_l3_backward_data_read -176.775546049
 z_l3_backward_data_0 RES12_l3_backward_data_write -50.9929459758
 z_l3_backward_data_0 RES14_l3_backward_data_0 -5.09929459758
 z_l3_backward_data_0 RES14_l3_backward_data_0_inner_read -20.3971783903
 z_l3_backward_data_0 RES14_l3_backward_data_0_inner_write -7.64894189637
 z_l3_backward_data_0 RES14_l3_backward_data_1 -10.1985891952
 z_l3_backward_data_0 RES14_l3_backward_data_1_inner_read -44.1938865124
 z_l3_backward_data_0 RES14_l3_backward_data_1_inner_write -17.8475310915
 z_l3_backward_data_0 RES14_l3_backward_data_2 -10.1985891952
 z_l3_backward_data_0 RES14_l3_backward_data_2_inner_read -44.1938865124
 z_l3_backward_data_0 RES14_l3_backward_data_2_inner_write -17.8475310915
 z_l3_backward_data_0 RES14_l3_backward_data_3 -30.5957675855
 z_l3_backward_data_0 RES14_l3_backward_data_3_inner_read -67.9905946344
 z_l3_backward_data_0 RES14_l3_backward_data_3_inner_write -7.64894189637
 z_l3_backward_data_0 RES10_l3_backward_data 0.4
 MARKER 'MARKER' 'INTEND'
 pi_l3_backward_data_0 RES14_l3_backward_data_0 1
 pi_l3_backward_data_0 RES14_l3_backward_data_0_outer 1
 pi_l3_backward_data_0 RES14_l3_backward_data_0_inner_read 1
 pi_l3_backward_data_0 RES14_l3_backward_data_0_inner_write 1
 pi_l3_backward_data_0 RES14_l3_backward_data -1
 pi_l3_backward_data_1 RES14_l3_backward_data_1 1
 pi_l3_backward_data_1 RES14_l3_backward_data_1_outer 1
 pi_l3_backward_data_1 RES14_l3_backward_data_1_inner_read 1
 pi_l3_backward_data_1 RES14_l3_backward_data_1_inner_write 1
 pi_l3_backward_data_1 RES14_l3_backward_data -1
 pi_l3_backward_data_2 RES14_l3_backward_data_2 1
 pi_l3_backward_data_2 RES14_l3_backward_data_2_outer 1
 pi_l3_backward_data_2 RES14_l3_backward_data_2_inner_read 1
 pi_l3_backward_data_2 RES14_l3_backward_data_2_inner_write 1
 pi_l3_backward_data_2 RES14_l3_backward_data -1
 pi_l3_backward_data_3 RES14_l3_backward_data_3 1
 pi_l3_backward_data_3 RES14_l3_backward_data_3_outer 1
 pi_l3_backward_data_3 RES14_l3_backward_data_3_inner_read 1
 pi_l3_backward_data_3 RES14_l3_backward_data_3_inner_write 1
 pi_l3_backward_data_3 RES14_l3_backward_data -1
 tau_l2_backward_weight RES1_time 1
 tau_l2_backward_weight RES4_l2_backward_weight 1
 tau_l2_backward_weight RES5_l2_backward_weight 1
 tau_l2_backward_weight RES12_l2_backward_weight_read 1
 tau_l2_backward_weight RES12_l2_backward_weight_write 1
 MARKER 'MARKER' 'INTORG'
 z_l2_backward_weight_0 RES2_l2_backward_weight 1
 z_l2_backward_weight_0 RES4_l2_backward_weight -68.8404770673
 z_l2_backward_weight_0 RES12_l2_backward_weight_read -203.971783903
 z_l2_backward_weight_0 RES12_l2_backward_weight_write -34.4202385337
 z_l2_backward_weight_0 RES10_l2_backward_weight 0.253333333333
 z_l2_backward_weight_1 RES2_l2_backward_weight 1
 z_l2_backward_weight_1 RES3_l2_backward_weight_0 -2
 z_l2_backward_weight_1 RES4_l2_backward_weight -68.8404770673
 z_l2_backward_weight_1 RES12_l2_backward_weight_read -203.971783903
 z_l2_backward_weight_1 RES12_l2_backward_weight_write -34.4202385337
 z_l2_backward_weight_1 RES10_l2_backward_weight 0.0933333333333
 MARKER 'MARKER' 'INTEND'
 tau_l2_backward_data RES1_time 1
 tau_l2_backward_data RES4_l2_backward_data 1
 tau_l2_backward_data RES5_l2_backward_data 1
 tau_l2_backward_data RES12_l2_backward_data_read 1
 tau_l2_backward_data RES12_l2_backward_data_write 1
 MARKER 'MARKER' 'INTORG'
 z_l2_backward_data_0 RES2_l2_backward_data 1
 z_l2_backward_data_0 RES4_l2_backward_data -68.8404770673
 z_l2_backward_data_0 RES12_l2_backward_data_read -236.267316355
 z_l2_backward_data_0 RES12_l2_backward_data_write -86.6880081589
 z_l2_backward_data_0 RES10_l2_backward_data 0.393333333333
 MARKER 'MARKER' 'INTEND'
 tau_l1_backward_weight RES1_time 1
 tau_l1_backward_weight RES4_l1_backward_weight 1
 tau_l1_backward_weight RES5_l1_backward_weight 1
 tau_l1_backward_weight RES12_l1_backward_weight_read 1
 tau_l1_backward_weight RES12_l1_backward_weight_write 1
 MARKER 'MARKER' 'INTORG'
 z_l1_backward_weight_0 RES2_l1_backward_weight 1
 z_l1_backward_weight_0 RES4_l1_backward_weight -20.3971783903
 z_l1_backward_weight_0 RES12_l1_backward_weight_read -86.1214198703
 z_l1_backward_weight_0 RES12_l1_backward_weight_write -15.2978837927
 z_l1_backward_weight_0 RES10_l1_backward_weight 0.626666666667
 z_l1_backward_weight_1 RES2_l1_backward_weight 1
 z_l1_backward_weight_1 RES3_l1_backward_weight_0 -2
 z_l1_backward_weight_1 RES4_l1_backward_weight -20.3971783903
 z_l1_backward_weight_1 RES12_l1_backward_weight_read -86.1214198703
 z_l1_backward_weight_1 RES12_l1_backward_weight_write -15.2978837927
 z_l1_backward_weight_1 RES10_l1_backward_weight 0.2
 z_l1_backward_weight_2 RES2_l1_backward_weight 1
 z_l1_backward_weight_2 RES3_l1_backward_weight_1 -2
 z_l1_backward_weight_2 RES4_l1_backward_weight -20.3971783903
 z_l1_backward_weight_2 RES12_l1_backward_weight_read -86.1214198703
 z_l1_backward_weight_2 RES12_l1_backward_weight_write -15.2978837927
 z_l1_backward_weight_2 RES10_l1_backward_weight 0.466666666667
 z_l1_backward_weight_3 RES2_l1_backward_weight 1
 z_l1_backward_weight_3 RES3_l1_backward_weight_0 -2
 z_l1_backward_weight_3 RES3_l1_backward_weight_1 -2
 z_l1_backward_weight_3 RES4_l1_backward_weight -20.3971783903
 z_l1_backward_weight_3 RES12_l1_backward_weight_read -86.1214198703
 z_l1_backward_weight_3 RES12_l1_backward_weight_write -15.2978837927
 z_l1_backward_weight_3 RES10_l1_backward_weight 0.04
 MARKER 'MARKER' 'INTEND'
 tau_l1_backward_data RES1_time 1
 tau_l1_backward_data RES4_l1_backward_data 1
 tau_l1_backward_data RES5_l1_backward_data 1
 tau_l1_backward_data RES12_l1_backward_data_read 1
 tau_l1_backward_data RES12_l1_backward_data_write 1
 MARKER 'MARKER' 'INTORG'
 z_l1_backward_data_0 RES2_l1_backward_data 1
 z_l1_backward_data_0 RES4_l1_backward_data -10.1985891952
 z_l1_backward_data_0 RES12_l1_backward_data_read -33.9952973172
 z_l1_backward_data_0 RES12_l1_backward_data_write -13.5981189269
 z_l1_backward_data_0 RES10_l1_backward_data 0.346666666667
 z_l1_backward_data_1 RES2_l1_backward_data 1
 z_l1_backward_data_1 RES3_l1_backward_data_0 -2
 z_l1_backward_data_1 RES4_l1_backward_data -10.1985891952
 z_l1_backward_data_1 RES12_l1_backward_data_read -33.9952973172
 z_l1_backward_data_1 RES12_l1_backward_data_write -13.5981189269
 z_l1_backward_data_1 RES10_l1_backward_data 0.186666666667
 z_l1_backward_data_2 RES2_l1_backward_data 1
 z_l1_backward_data_2 RES3_l1_backward_data_1 -2
 z_l1_backward_data_2 RES4_l1_backward_data -10.1985891952
 z_l1_backward_data_2 RES12_l1_backward_data_read -33.9952973172
 z_l1_backward_data_2 RES12_l1_backward_data_write -13.5981189269
 z_l1_backward_data_2 RES10_l1_backward_data 0.266666666667
 z_l1_backward_data_3 RES2_l1_backward_data 1
 z_l1_backward_data_3 RES3_l1_backward_data_0 -2
 z_l1_backward_data_3 RES3_l1_backward_data_1 -2
 z_l1_backward_data_3 RES4_l1_backward_data -10.1985891952
 z_l1_backward_data_3 RES12_l1_backward_data_read -33.9952973172
 z_l1_backward_data_3 RES12_l1_backward_data_write -13.5981189269
 z_l1_backward_data_3 RES10_l1_backward_data 0.106666666667
 MARKER 'MARKER' 'INTEND'
 tau_l0_backward_weight RES1_time 1
 tau_l0_backward_weight RES4_l0_backward_weight 1
 tau_l0_backward_weight RES5_l0_backward_weight 1
 tau_l0_backward_weight RES12_l0_backward_weight_read 1
 tau_l0_backward_weight RES12_l0_backward_weight_write 1
 MARKER 'MARKER' 'INTORG'
 z_l0_backward_weight_0 RES2_l0_backward_weight 1
 z_l0_backward_weight_0 RES4_l0_backward_weight -152.978837927
 z_l0_backward_weight_0 RES12_l0_backward_weight_read -611.91535171
 z_l0_backward_weight_0 RES12_l0_backward_weight_write -76.4894189637
 z_l0_backward_weight_0 RES10_l0_backward_weight 0.253333333333
 MARKER 'MARKER' 'INTEND'
 tau_l0_weight_update RES1_time 1
 tau_l0_weight_update RES4_l0_weight_update 1
 tau_l0_weight_update RES5_l0_weight_update 1
 tau_l0_weight_update RES12_l0_weight_update_read 1
 tau_l0_weight_update RES12_l0_weight_update_write 1
 MARKER 'MARKER' 'INTORG'
 z_l0_weight_update_0 RES2_l0_weight_update 1
 z_l0_weight_update_0 RES4_l0_weight_update -344.202385337
 z_l0_weight_update_0 RES12_l0_weight_update_read -509.929459758
 z_l0_weight_update_0 RES12_l0_weight_update_write -344.202385337
 MARKER 'MARKER' 'INTEND'
 tau_l1_weight_update RES1_time 1
 tau_l1_weight_update RES4_l1_weight_update 1
 tau_l1_weight_update RES5_l1_weight_update 1
 tau_l1_weight_update RES12_l1_weight_update_read 1
 tau_l1_weight_update RES12_l1_weight_update_write 1
 MARKER 'MARKER' 'INTORG'
 z_l1_weight_update_0 RES2_l1_weight_update 1
 z_l1_weight_update_0 RES4_l1_weight_update -22.9468256891
 z_l1_weight_update_0 RES12_l1_weight_update_read -33.9952973172
 z_l1_weight_update_0 RES12_l1_weight_update_write -22.9468256891
 MARKER 'MARKER' 'INTEND'
 tau_l2_weight_update RES1_time 1
 tau_l2_weight_update RES4_l2_weight_update 1
 tau_l2_weight_update RES5_l2_weight_update 1
 tau_l2_weight_update RES12_l2_weight_update_read 1
 tau_l2_weight_update RES12_l2_weight_update_write 1
 MARKER 'MARKER' 'INTORG'
 z_l2_weight_update_0 RES2_l2_weight_update 1
 z_l2_weight_update_0 RES4_l2_weight_update -155.528485226
 z_l2_weight_update_0 RES12_l2_weight_update_read -229.468256891
 z_l2_weight_update_0 RES12_l2_weight_update_write -154.891073402
 MARKER 'MARKER' 'INTEND'
 tau_l3_weight_update RES1_time 1
 tau_l3_weight_update RES4_l3_weight_update 1
 tau_l3_weight_update RES5_l3_weight_update 1
 tau_l3_weight_update RES12_l3_weight_update_read 1
 tau_l3_weight_update RES12_l3_weight_update_write 1
 MARKER 'MARKER' 'INTORG'
 z_l3_weight_update_0 RES2_l3_weight_update 1
 z_l3_weight_update_0 RES4_l3_weight_update -309.782146803
 z_l3_weight_update_0 RES12_l3_weight_update_read -458.936513782
 z_l3_weight_update_0 RES12_l3_weight_update_write -309.782146803
 k_input_0 RES3_l0_0 1
 k_input_0 RES6_input_0_after 1
 k_input_0 RES10_l0 0.4
 s_input_0 RES5_l0_backward_weight 50.9929459758
 s_input_0 RES12_l0_backward_weight_write 12.748236494
 s_input_0 RES6_input_0_after -1
 s_input_0 RES6_input_1_before -1
 s_input_0 RES10_l1 0.4
 s_input_0 RES10_l2 0.4
 s_input_0 RES10_l3 0.4
 s_input_0 RES10_l3_loss 0.4
 s_input_0 RES10_l3_backward_weight 0.4
 s_input_0 RES10_l3_backward_data 0.4
 s_input_0 RES10_l2_backward_weight 0.4
 s_input_0 RES10_l2_backward_data 0.4
 s_input_0 RES10_l1_backward_weight 0.4
 s_input_0 RES10_l1_backward_data 0.4
 k_input_1 RES6_input_1_before 1
 k_input_1 RES10_l0_backward_weight 0.4
 p_input_1_10 RES5_l1_backward_data -50.9929459758
 p_input_1_10 RES12_l1_backward_data_write -12.748236494
 p_input_1_10 RES5_l0_backward_weight 50.9929459758
 p_input_1_10 RES12_l0_backward_weight_write 12.748236494
 p_input_1_10 RES6_input_1_before -1
 p_input_1_10 RES10_l1_backward_data 0.4
 k_l0_weight_0 RES10_l0 0.6
 k_l0_weight_1 RES5_l0_weight_update 76.4894189637
 k_l0_weight_1 RES12_l0_weight_update_read 25.4964729879
 k_l0_weight_1 RES6_l0_weight_1_after 1
 k_l0_weight_1 RES6_l0_weight_1_stored 1
 k_l0_weight_1 RES7_l0_weight_1_written -1
 k_l0_weight_1 RES10_l0_weight_update 0.6
 c_l0_weight_1 RES5_l0_weight_update -76.4894189637
 c_l0_weight_1 RES12_l0_weight_update_read -25.4964729879
 c_l0_weight_1 RES6_l0_weight_1_stored -1
 c_l0_weight_1 RES7_l0_weight_1_written 1
 MARKER 'MARKER' 'INTEND'
 u_l0_weight_1 RES7_l0_weight_1_written 1
 u_l0_weight_1 RES8_l0_weight_1 1
 MARKER 'MARKER' 'INTORG'
 q_l0_weight_1_13 RES5_l1_weight_update -76.4894189637
 q_l0_weight_1_13 RES12_l1_weight_update_read -25.4964729879
 q_l0_weight_1_13 RES6_l0_weight_1_after -1
 q_l0_weight_1_13 RES6_l0_weight_1_stored -1
 q_l0_weight_1_13 RES7_l0_weight_1_written 1
 q_l0_weight_1_13 RES10_l1_weight_update 0.6
 k_l0_0 RES5_l0 27.1962378538
 k_l0_0 RES12_l0_read 9.06541261792
 k_l0_0 RES6_l0_0_after 1
 k_l0_0 RES6_l0_0_stored 1
 k_l0_0 RES7_l0_0_written -1
 k_l0_0 RES10_l0 0.213333333333
 c_l0_0 RES5_l0 -27.1962378538
 c_l0_0 RES12_l0_read -9.06541261792
 c_l0_0 RES6_l0_0_stored -1
 c_l0_0 RES7_l0_0_written 1
 s_l0_0 RES5_l1 27.1962378538
 s_l0_0 RES12_l1_write 6.79905946344
 s_l0_0 RES6_l0_0_after -1
 s_l0_0 RES8_l0_0 -1
 s_l0_0 RES6_l0_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l0_0 RES7_l0_0_written 1
 u_l0_0 RES8_l0_0 1
 u_l0_0 RES7_l0_1_before -1
 MARKER 'MARKER' 'INTORG'
 k_l0_1 RES3_l1_0 1
 k_l0_1 RES6_l0_1_before 1
 k_l0_1 RES6_l0_1_after 1
 k_l0_1 RES6_l0_1_stored 1
 k_l0_1 RES10_l1 0.213333333333
 c_l0_1 RES5_l1 -27.1962378538
 c_l0_1 RES12_l1_read -9.06541261792
 c_l0_1 RES6_l0_1_stored -1
 c_l0_1 RES7_l0_1_before 1
 s_l0_1 RES5_l1_backward_weight 27.1962378538
 s_l0_1 RES12_l1_backward_weight_write 6.79905946344
 s_l0_1 RES6_l0_1_after -1
 s_l0_1 RES8_l0_1 -1
 s_l0_1 RES6_l0_2_before -1
 s_l0_1 RES10_l2 0.213333333333
 s_l0_1 RES10_l3 0.213333333333
 s_l0_1 RES10_l3_loss 0.213333333333
 s_l0_1 RES10_l3_backward_weight 0.213333333333
 s_l0_1 RES10_l3_backward_data 0.213333333333
 s_l0_1 RES10_l2_backward_weight 0.213333333333
 s_l0_1 RES10_l2_backward_data 0.213333333333
 MARKER 'MARKER' 'INTEND'
 u_l0_1 RES7_l0_1_before 1
 u_l0_1 RES8_l0_1 1
 MARKER 'MARKER' 'INTORG'
 q_l0_1_2 RES5_l2 -27.1962378538
 q_l0_1_2 RES12_l2_read -9.06541261792
 q_l0_1_2 RES6_l0_1_after -1
 q_l0_1_2 RES6_l0_1_stored -1
 q_l0_1_2 RES7_l0_1_before 1
 q_l0_1_2 RES10_l2 0.213333333333
 k_l0_2 RES3_l1_backward_weight_0 1
 k_l0_2 RES6_l0_2_before 1
 k_l0_2 RES10_l1_backward_weight 0.213333333333
 p_l0_2_8 RES5_l2_backward_data -27.1962378538
 p_l0_2_8 RES12_l2_backward_data_write -6.79905946344
 p_l0_2_8 RES5_l1_backward_weight 27.1962378538
 p_l0_2_8 RES12_l1_backward_weight_write 6.79905946344
 p_l0_2_8 RES6_l0_2_before -1
 p_l0_2_8 RES10_l2_backward_data 0.213333333333
 k_l1_weight_0 RES6_l1_weight_0_before 1
 k_l1_weight_0 RES6_l1_weight_0_after 1
 k_l1_weight_0 RES10_l1 0.04
 s_l1_weight_0 RES5_l1_backward_data 5.09929459758
 s_l1_weight_0 RES12_l1_backward_data_write 1.2748236494
 s_l1_weight_0 RES6_l1_weight_0_after -1
 s_l1_weight_0 RES6_l1_weight_1_before -1
 s_l1_weight_0 RES10_l2 0.04
 s_l1_weight_0 RES10_l3 0.04
 s_l1_weight_0 RES10_l3_loss 0.04
 s_l1_weight_0 RES10_l3_backward_weight 0.04
 s_l1_weight_0 RES10_l3_backward_data 0.04
 s_l1_weight_0 RES10_l2_backward_weight 0.04
 s_l1_weight_0 RES10_l2_backward_data 0.04
 s_l1_weight_0 RES10_l1_backward_weight 0.04
 k_l1_weight_1 RES3_l1_backward_data_1 1
 k_l1_weight_1 RES6_l1_weight_1_before 1
 k_l1_weight_1 RES10_l1_backward_data 0.04
 k_l1_weight_2 RES5_l1_weight_update 5.09929459758
 k_l1_weight_2 RES12_l1_weight_update_read 1.69976486586
 k_l1_weight_2 RES6_l1_weight_2_after 1
 k_l1_weight_2 RES6_l1_weight_2_stored 1
 k_l1_weight_2 RES7_l1_weight_2_written -1
 k_l1_weight_2 RES10_l1_weight_update 0.04
 c_l1_weight_2 RES5_l1_weight_update -5.09929459758
 c_l1_weight_2 RES12_l1_weight_update_read -1.69976486586
 c_l1_weight_2 RES6_l1_weight_2_stored -1
 c_l1_weight_2 RES7_l1_weight_2_written 1
 MARKER 'MARKER' 'INTEND'
 u_l1_weight_2 RES7_l1_weight_2_written 1
 u_l1_weight_2 RES8_l1_weight_2 1
 MARKER 'MARKER' 'INTORG'
 q_l1_weight_2_14 RES5_l2_weight_update -5.09929459758
 q_l1_weight_2_14 RES12_l2_weight_update_read -1.69976486586
 q_l1_weight_2_14 RES6_l1_weight_2_after -1
 q_l1_weight_2_14 RES6_l1_weight_2_stored -1
 q_l1_weight_2_14 RES7_l1_weight_2_written 1
 q_l1_weight_2_14 RES10_l2_weight_update 0.04
 p_l1_weight_0_0 RES5_l0 -5.09929459758
 p_l1_weight_0_0 RES12_l0_write -1.2748236494
 p_l1_weight_0_0 RES5_l1 5.09929459758
 p_l1_weight_0_0 RES12_l1_write 1.2748236494
 p_l1_weight_0_0 RES6_l1_weight_0_before -1
 p_l1_weight_0_0 RES10_l0 0.04
 p_l1_weight_1_9 RES5_l1_backward_weight -5.09929459758
 p_l1_weight_1_9 RES12_l1_backward_weight_write -1.2748236494
 p_l1_weight_1_9 RES5_l1_backward_data 5.09929459758
 p_l1_weight_1_9 RES12_l1_backward_data_write 1.2748236494
 p_l1_weight_1_9 RES6_l1_weight_1_before -1
 p_l1_weight_1_9 RES10_l1_backward_weight 0.04
 k_l1_0 RES5_l1 10.1985891952
 k_l1_0 RES12_l1_read 3.39952973172
 k_l1_0 RES6_l1_0_after 1
 k_l1_0 RES6_l1_0_stored 1
 k_l1_0 RES7_l1_0_written -1
 k_l1_0 RES10_l1 0.08
 c_l1_0 RES5_l1 -10.1985891952
 c_l1_0 RES12_l1_read -3.39952973172
 c_l1_0 RES6_l1_0_stored -1
 c_l1_0 RES7_l1_0_written 1
 s_l1_0 RES5_l2 10.1985891952
 s_l1_0 RES12_l2_write 2.54964729879
 s_l1_0 RES6_l1_0_after -1
 s_l1_0 RES8_l1_0 -1
 s_l1_0 RES6_l1_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l1_0 RES7_l1_0_written 1
 u_l1_0 RES8_l1_0 1
 u_l1_0 RES7_l1_1_before -1
 MARKER 'MARKER' 'INTORG'
 k_l1_1 RES3_l2_0 1
 k_l1_1 RES6_l1_1_before 1
 k_l1_1 RES6_l1_1_after 1
 k_l1_1 RES6_l1_1_stored 1
 k_l1_1 RES10_l2 0.08
 c_l1_1 RES5_l2 -10.1985891952
 c_l1_1 RES12_l2_read -3.39952973172
 c_l1_1 RES6_l1_1_stored -1
 c_l1_1 RES7_l1_1_before 1
 s_l1_1 RES5_l2_backward_weight 10.1985891952
 s_l1_1 RES12_l2_backward_weight_write 2.54964729879
 s_l1_1 RES6_l1_1_after -1
 s_l1_1 RES8_l1_1 -1
 s_l1_1 RES6_l1_2_before -1
 s_l1_1 RES10_l3 0.08
 s_l1_1 RES10_l3_loss 0.08
 s_l1_1 RES10_l3_backward_weight 0.08
 s_l1_1 RES10_l3_backward_data 0.08
 MARKER 'MARKER' 'INTEND'
 u_l1_1 RES7_l1_1_before 1
 u_l1_1 RES8_l1_1 1
 MARKER 'MARKER' 'INTORG'
 q_l1_1_3 RES5_l3 -10.1985891952
 q_l1_1_3 RES12_l3_read -3.39952973172
 q_l1_1_3 RES6_l1_1_after -1
 q_l1_1_3 RES6_l1_1_stored -1
 q_l1_1_3 RES7_l1_1_before 1
 q_l1_1_3 RES10_l3 0.08
 k_l1_2 RES3_l2_backward_weight_0 1
 k_l1_2 RES6_l1_2_before 1
 k_l1_2 RES10_l2_backward_weight 0.08
 p_l1_2_6 RES5_l3_backward_data -10.1985891952
 p_l1_2_6 RES12_l3_backward_data_write -2.54964729879
 p_l1_2_6 RES5_l2_backward_weight 10.1985891952
 p_l1_2_6 RES12_l2_backward_weight_write 2.54964729879
 p_l1_2_6 RES6_l1_2_before -1
 p_l1_2_6 RES10_l3_backward_data 0.08
 k_l2_weight_0 RES6_l2_weight_0_before 1
 k_l2_weight_0 RES6_l2_weight_0_after 1
 k_l2_weight_0 RES10_l2 0.273333333333
 s_l2_weight_0 RES5_l2_backward_data 34.4202385337
 s_l2_weight_0 RES12_l2_backward_data_write 8.60505963342
 s_l2_weight_0 RES6_l2_weight_0_after -1
 s_l2_weight_0 RES6_l2_weight_1_before -1
 s_l2_weight_0 RES10_l3 0.273333333333
 s_l2_weight_0 RES10_l3_loss 0.273333333333
 s_l2_weight_0 RES10_l3_backward_weight 0.273333333333
 s_l2_weight_0 RES10_l3_backward_data 0.273333333333
 s_l2_weight_0 RES10_l2_backward_weight 0.273333333333
 k_l2_weight_1 RES5_l2_backward_data 34.4202385337
 k_l2_weight_1 RES12_l2_backward_data_write 8.60505963342
 k_l2_weight_1 RES6_l2_weight_1_before 1
 k_l2_weight_1 RES10_l2_backward_data 0.273333333333
 k_l2_weight_2 RES5_l2_weight_update 34.4202385337
 k_l2_weight_2 RES12_l2_weight_update_read 11.4734128446
 k_l2_weight_2 RES6_l2_weight_2_after 1
 k_l2_weight_2 RES6_l2_weight_2_stored 1
 k_l2_weight_2 RES7_l2_weight_2_written -1
 k_l2_weight_2 RES10_l2_weight_update 0.273333333333
 c_l2_weight_2 RES5_l2_weight_update -34.4202385337
 c_l2_weight_2 RES12_l2_weight_update_read -11.4734128446
 c_l2_weight_2 RES6_l2_weight_2_stored -1
 c_l2_weight_2 RES7_l2_weight_2_written 1
 MARKER 'MARKER' 'INTEND'
 u_l2_weight_2 RES7_l2_weight_2_written 1
 u_l2_weight_2 RES8_l2_weight_2 1
 MARKER 'MARKER' 'INTORG'
 q_l2_weight_2_15 RES5_l3_weight_update -34.4202385337
 q_l2_weight_2_15 RES12_l3_weight_update_read -11.4734128446
 q_l2_weight_2_15 RES6_l2_weight_2_after -1
 q_l2_weight_2_15 RES6_l2_weight_2_stored -1
 q_l2_weight_2_15 RES7_l2_weight_2_written 1
 q_l2_weight_2_15 RES10_l3_weight_update 0.273333333333
 p_l2_weight_0_1 RES5_l1 -34.4202385337
 p_l2_weight_0_1 RES12_l1_write -8.60505963342
 p_l2_weight_0_1 RES5_l2 34.4202385337
 p_l2_weight_0_1 RES12_l2_write 8.60505963342
 p_l2_weight_0_1 RES6_l2_weight_0_before -1
 p_l2_weight_0_1 RES10_l1 0.273333333333
 p_l2_weight_1_7 RES5_l2_backward_weight -34.4202385337
 p_l2_weight_1_7 RES12_l2_backward_weight_write -8.60505963342
 p_l2_weight_1_7 RES5_l2_backward_data 34.4202385337
 p_l2_weight_1_7 RES12_l2_backward_data_write 8.60505963342
 p_l2_weight_1_7 RES6_l2_weight_1_before -1
 p_l2_weight_1_7 RES10_l2_backward_weight 0.273333333333
 k_l2_0 RES5_l2 20.3971783903
 k_l2_0 RES12_l2_read 6.79905946344
 k_l2_0 RES6_l2_0_after 1
 k_l2_0 RES6_l2_0_stored 1
 k_l2_0 RES7_l2_0_written -1
 k_l2_0 RES10_l2 0.16
 c_l2_0 RES5_l2 -20.3971783903
 c_l2_0 RES12_l2_read -6.79905946344
 c_l2_0 RES6_l2_0_stored -1
 c_l2_0 RES7_l2_0_written 1
 s_l2_0 RES5_l3 20.3971783903
 s_l2_0 RES12_l3_write 5.09929459758
 s_l2_0 RES6_l2_0_after -1
 s_l2_0 RES8_l2_0 -1
 s_l2_0 RES6_l2_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l2_0 RES7_l2_0_written 1
 u_l2_0 RES8_l2_0 1
 u_l2_0 RES7_l2_1_before -1
 MARKER 'MARKER' 'INTORG'
 k_l2_1 RES3_l3_0 1
 k_l2_1 RES6_l2_1_before 1
 k_l2_1 RES6_l2_1_after 1
 k_l2_1 RES6_l2_1_stored 1
 k_l2_1 RES10_l3 0.16
 c_l2_1 RES5_l3 -20.3971783903
 c_l2_1 RES12_l3_read -6.79905946344
 c_l2_1 RES6_l2_1_stored -1
 c_l2_1 RES7_l2_1_before 1
 s_l2_1 RES5_l3_backward_weight 20.3971783903
 s_l2_1 RES12_l3_backward_weight_write 5.09929459758
 s_l2_1 RES6_l2_1_after -1
 s_l2_1 RES8_l2_1 -1
 s_l2_1 RES6_l2_2_before -1
 s_l2_1 RES9_l2_2_4 1
 s_l2_1 RES10_l3_loss 0.16
 MARKER 'MARKER' 'INTEND'
 u_l2_1 RES7_l2_1_before 1
 u_l2_1 RES8_l2_1 1
 MARKER 'MARKER' 'INTORG'
 q_l2_1_4 RES5_l3_loss -20.3971783903
 q_l2_1_4 RES12_l3_loss_read -6.79905946344
 q_l2_1_4 RES6_l2_1_after -1
 q_l2_1_4 RES6_l2_1_stored -1
 q_l2_1_4 RES7_l2_1_before 1
 q_l2_1_4 RES9_l2_2_4 1
 q_l2_1_4 RES10_l3_loss 0.16
 k_l2_2 RES3_l3_backward_weight_0 1
 k_l2_2 RES6_l2_2_before 1
 k_l2_2 RES10_l3_backward_weight 0.16
 p_l2_2_4 RES5_l3_loss -20.3971783903
 p_l2_2_4 RES12_l3_loss_write -5.09929459758
 p_l2_2_4 RES5_l3_backward_weight 20.3971783903
 p_l2_2_4 RES12_l3_backward_weight_write 5.09929459758
 p_l2_2_4 RES6_l2_2_before -1
 p_l2_2_4 RES9_l2_2_4 1
 p_l2_2_4 RES10_l3_loss 0.16
 k_l3_weight_0 RES6_l3_weight_0_before 1
 k_l3_weight_0 RES6_l3_weight_0_after 1
 k_l3_weight_0 RES10_l3 0.54
 s_l3_weight_0 RES5_l3_backward_data 68.8404770673
 s_l3_weight_0 RES12_l3_backward_data_write 17.2101192668
 s_l3_weight_0 RES6_l3_weight_0_after -1
 s_l3_weight_0 RES6_l3_weight_1_before -1
 s_l3_weight_0 RES10_l3_loss 0.54
 s_l3_weight_0 RES10_l3_backward_weight 0.54
 k_l3_weight_1 RES14_l3_backward_data_0_outer 7.64894189637
 k_l3_weight_1 RES14_l3_backward_data_0_inner_write 1.91223547409
 k_l3_weight_1 RES14_l3_backward_data_1_outer 15.2978837927
 k_l3_weight_1 RES14_l3_backward_data_1_inner_write 3.82447094819
 k_l3_weight_1 RES14_l3_backward_data_2_outer 15.2978837927
 k_l3_weight_1 RES14_l3_backward_data_2_inner_write 3.82447094819
 k_l3_weight_1 RES14_l3_backward_data_3_outer 30.5957675855
 k_l3_weight_1 RES14_l3_backward_data_3_inner_write 7.64894189637
 k_l3_weight_1 RES6_l3_weight_1_before 1
 k_l3_weight_1 RES10_l3_backward_data 0.54
 k_l3_weight_2 RES5_l3_weight_update 68.8404770673
 k_l3_weight_2 RES12_l3_weight_update_read 22.9468256891
 k_l3_weight_2 RES6_l3_weight_2_stored 1
 k_l3_weight_2 RES7_l3_weight_2_written -1
 k_l3_weight_2 RES10_l3_weight_update 0.54
 c_l3_weight_2 RES5_l3_weight_update -68.8404770673
 c_l3_weight_2 RES12_l3_weight_update_read -22.9468256891
 c_l3_weight_2 RES6_l3_weight_2_stored -1
 c_l3_weight_2 RES7_l3_weight_2_written 1
 MARKER 'MARKER' 'INTEND'
 u_l3_weight_2 RES7_l3_weight_2_written 1
 u_l3_weight_2 RES8_l3_weight_2 1
 MARKER 'MARKER' 'INTORG'
 p_l3_weight_0_2 RES5_l2 -68.8404770673
 p_l3_weight_0_2 RES12_l2_write -17.2101192668
 p_l3_weight_0_2 RES5_l3 68.8404770673
 p_l3_weight_0_2 RES12_l3_write 17.2101192668
 p_l3_weight_0_2 RES6_l3_weight_0_before -1
 p_l3_weight_0_2 RES10_l2 0.54
 p_l3_weight_1_5 RES5_l3_backward_weight -68.8404770673
 p_l3_weight_1_5 RES12_l3_backward_weight_write -17.2101192668
 p_l3_weight_1_5 RES5_l3_backward_data 68.8404770673
 p_l3_weight_1_5 RES12_l3_backward_data_write 17.2101192668
 p_l3_weight_1_5 RES6_l3_weight_1_before -1
 p_l3_weight_1_5 RES10_l3_backward_weight 0.54
 k_l3_0 RES5_l3 5.09929459758
 k_l3_0 RES12_l3_read 1.69976486586
 k_l3_0 RES6_l3_0_after 1
 k_l3_0 RES6_l3_0_stored 1
 k_l3_0 RES7_l3_0_written -1
 k_l3_0 RES10_l3 0.04
 c_l3_0 RES5_l3 -5.09929459758
 c_l3_0 RES12_l3_read -1.69976486586
 c_l3_0 RES6_l3_0_stored -1
 c_l3_0 RES7_l3_0_written 1
 s_l3_0 RES5_l3_loss 5.09929459758
 s_l3_0 RES12_l3_loss_write 1.2748236494
 s_l3_0 RES6_l3_0_after -1
 s_l3_0 RES8_l3_0 -1
 s_l3_0 RES6_l3_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l3_0 RES7_l3_0_written 1
 u_l3_0 RES8_l3_0 1
 MARKER 'MARKER' 'INTORG'
 k_l3_1 RES6_l3_1_before 1
 k_l3_1 RES10_l3_loss 0.04
 k_l3_target_0 RES6_l3_target_0_before 1
 k_l3_target_0 RES10_l3_loss 0.0266666666667
 p_l3_target_0_3 RES5_l3 -3.39952973172
 p_l3_target_0_3 RES12_l3_write -0.84988243293
 p_l3_target_0_3 RES5_l3_loss 3.39952973172
 p_l3_target_0_3 RES12_l3_loss_write 0.84988243293
 p_l3_target_0_3 RES6_l3_target_0_before -1
 p_l3_target_0_3 RES10_l3 0.0266666666667
 k_l3_loss_0 RES5_l3_loss 0.84988243293
 k_l3_loss_0 RES12_l3_loss_read 0.28329414431
 k_l3_loss_0 RES6_l3_loss_0_after 1
 k_l3_loss_0 RES6_l3_loss_0_stored 1
 k_l3_loss_0 RES7_l3_loss_0_written -1
 k_l3_loss_0 RES10_l3_loss 0.00666666666667
 c_l3_loss_0 RES5_l3_loss -0.84988243293
 c_l3_loss_0 RES12_l3_loss_read -0.28329414431
 c_l3_loss_0 RES6_l3_loss_0_stored -1
 c_l3_loss_0 RES7_l3_loss_0_written 1
 MARKER 'MARKER' 'INTEND'
 u_l3_loss_0 RES7_l3_loss_0_written 1
 u_l3_loss_0 RES8_l3_loss_0 1
 MARKER 'MARKER' 'INTORG'
 q_l3_loss_0_5 RES5_l3_backward_weight -0.84988243293
 q_l3_loss_0_5 RES12_l3_backward_weight_read -0.28329414431
 q_l3_loss_0_5 RES6_l3_loss_0_after -1
 q_l3_loss_0_5 RES6_l3_loss_0_stored -1
 q_l3_loss_0_5 RES7_l3_loss_0_written 1
 q_l3_loss_0_5 RES10_l3_backward_weight 0.00666666666667
 k_l3_gradient_0 RES5_l3_loss 5.09929459758
 k_l3_gradient_0 RES12_l3_loss_read 1.69976486586
 k_l3_gradient_0 RES6_l3_gradient_0_after 1
 k_l3_gradient_0 RES6_l3_gradient_0_stored 1
 k_l3_gradient_0 RES7_l3_gradient_0_written -1
 k_l3_gradient_0 RES10_l3_loss 0.04
 c_l3_gradient_0 RES5_l3_loss -5.09929459758
 c_l3_gradient_0 RES12_l3_loss_read -1.69976486586
 c_l3_gradient_0 RES6_l3_gradient_0_stored -1
 c_l3_gradient_0 RES7_l3_gradient_0_written 1
 s_l3_gradient_0 RES5_l3_backward_weight 5.09929459758
 s_l3_gradient_0 RES12_l3_backward_weight_write 1.2748236494
 s_l3_gradient_0 RES6_l3_gradient_0_after -1
 s_l3_gradient_0 RES8_l3_gradient_0 -1
 s_l3_gradient_0 RES6_l3_gradient_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l3_gradient_0 RES7_l3_gradient_0_written 1
 u_l3_gradient_0 RES8_l3_gradient_0 1
 u_l3_gradient_0 RES7_l3_gradient_1_before -1
 MARKER 'MARKER' 'INTORG'
 k_l3_gradient_1 RES6_l3_gradient_1_before 1
 k_l3_gradient_1 RES6_l3_gradient_1_after 1
 k_l3_gradient_1 RES6_l3_gradient_1_stored 1
 k_l3_gradient_1 RES10_l3_backward_weight 0.04
 c_l3_gradient_1 RES5_l3_backward_weight -5.09929459758
 c_l3_gradient_1 RES12_l3_backward_weight_read -1.69976486586
 c_l3_gradient_1 RES6_l3_gradient_1_stored -1
 c_l3_gradient_1 RES7_l3_gradient_1_before 1
 s_l3_gradient_1 RES5_l3_backward_data 5.09929459758
 s_l3_gradient_1 RES12_l3_backward_data_write 1.2748236494
 s_l3_gradient_1 RES6_l3_gradient_1_after -1
 s_l3_gradient_1 RES8_l3_gradient_1 -1
 s_l3_gradient_1 RES6_l3_gradient_2_before -1
 MARKER 'MARKER' 'INTEND'
 u_l3_gradient_1 RES7_l3_gradient_1_before 1
 u_l3_gradient_1 RES8_l3_gradient_1 1
 MARKER 'MARKER' 'INTORG'
 k_l3_gradient_2 RES5_l3_backward_data 15.2978837927
 k_l3_gradient_2 RES12_l3_backward_data_write 3.82447094819
 k_l3_gradient_2 RES14_l3_backward_data_0_outer 5.09929459758
 k_l3_gradient_2 RES14_l3_backward_data_0_inner_write 1.2748236494
 k_l3_gradient_2 RES14_l3_backward_data_1_outer 5.09929459758
 k_l3_gradient_2 RES14_l3_backward_data_1_inner_write 1.2748236494
 k_l3_gradient_2 RES14_l3_backward_data_2_outer 5.09929459758
 k_l3_gradient_2 RES14_l3_backward_data_2_inner_write 1.2748236494
 k_l3_gradient_2 RES14_l3_backward_data_3_outer 5.09929459758
 k_l3_gradient_2 RES14_l3_backward_data_3_inner_write 1.2748236494
 k_l3_gradient_2 RES6_l3_gradient_2_before 1
 k_l3_gradient_2 RES10_l3_backward_data 0.04
 k_l3_weight_gradient_0 RES5_l3_backward_weight 137.680954135
 k_l3_weight_gradient_0 RES12_l3_backward_weight_read 45.8936513782
 k_l3_weight_gradient_0 RES6_l3_weight_gradient_0_after 1
 k_l3_weight_gradient_0 RES6_l3_weight_gradient_0_stored 1
 k_l3_weight_gradient_0 RES7_l3_weight_gradient_0_written -1
 k_l3_weight_gradient_0 RES10_l3_backward_weight 1.08
 c_l3_weight_gradient_0 RES5_l3_backward_weight -137.680954135
 c_l3_weight_gradient_0 RES12_l3_backward_weight_read -45.8936513782
 c_l3_weight_gradient_0 RES6_l3_weight_gradient_0_stored -1
 c_l3_weight_gradient_0 RES7_l3_weight_gradient_0_written 1
 s_l3_weight_gradient_0 RES5_l3_weight_update 137.680954135
 s_l3_weight_gradient_0 RES12_l3_weight_update_write 34.4202385337
 s_l3_weight_gradient_0 RES6_l3_weight_gradient_0_after -1
 s_l3_weight_gradient_0 RES8_l3_weight_gradient_0 -1
 s_l3_weight_gradient_0 RES6_l3_weight_gradient_1_before -1
 s_l3_weight_gradient_0 RES10_l3_backward_data 1.08
 s_l3_weight_gradient_0 RES10_l2_backward_weight 1.08
 s_l3_weight_gradient_0 RES10_l2_backward_data 1.08
 s_l3_weight_gradient_0 RES10_l1_backward_weight 1.08
 s_l3_weight_gradient_0 RES10_l1_backward_data 1.08
 s_l3_weight_gradient_0 RES10_l0_backward_weight 1.08
 s_l3_weight_gradient_0 RES10_l0_weight_update 1.08
 s_l3_weight_gradient_0 RES10_l1_weight_update 1.08
 s_l3_weight_gradient_0 RES10_l2_weight_update 1.08
 MARKER 'MARKER' 'INTEND'
 u_l3_weight_gradient_0 RES7_l3_weight_gradient_0_written 1
 u_l3_weight_gradient_0 RES8_l3_weight_gradient_0 1
 MARKER 'MARKER' 'INTORG'
 q_l3_weight_gradient_0_6 RES5_l3_backward_data -137.680954135
 q_l3_weight_gradient_0_6 RES12_l3_backward_data_read -45.8936513782
 q_l3_weight_gradient_0_6 RES6_l3_weight_gradient_0_after -1
 q_l3_weight_gradient_0_6 RES6_l3_weight_gradient_0_stored -1
 q_l3_weight_gradient_0_6 RES7_l3_weight_gradient_0_written 1
 q_l3_weight_gradient_0_6 RES10_l3_backward_data 1.08
 k_l3_weight_gradient_1 RES6_l3_weight_gradient_1_before 1
 k_l3_weight_gradient_1 RES10_l3_weight_update 1.08
 p_l3_weight_gradient_1_14 RES5_l2_weight_update -137.680954135
 p_l3_weight_gradient_1_14 RES12_l2_weight_update_write -34.4202385337
 p_l3_weight_gradient_1_14 RES5_l3_weight_update 137.680954135
 p_l3_weight_gradient_1_14 RES12_l3_weight_update_write 34.4202385337
 p_l3_weight_gradient_1_14 RES6_l3_weight_gradient_1_before -1
 p_l3_weight_gradient_1_14 RES10_l2_weight_update 1.08
 k_l2_gradient_0 RES5_l3_backward_data 20.3971783903
 k_l2_gradient_0 RES12_l3_backward_data_read 6.79905946344
 k_l2_gradient_0 RES14_l3_backward_data_0_outer 5.09929459758
 k_l2_gradient_0 RES14_l3_backward_data_0_inner_read 1.69976486586
 k_l2_gradient_0 RES14_l3_backward_data_1_outer 5.09929459758
 k_l2_gradient_0 RES14_l3_backward_data_1_inner_read 1.69976486586
 k_l2_gradient_0 RES14_l3_backward_data_2_outer 5.09929459758
 k_l2_gradient_0 RES14_l3_backward_data_2_inner_read 1.69976486586
 k_l2_gradient_0 RES14_l3_backward_data_3_outer 5.09929459758
 k_l2_gradient_0 RES14_l3_backward_data_3_inner_read 1.69976486586
 k_l2_gradient_0 RES6_l2_gradient_0_after 1
 k_l2_gradient_0 RES6_l2_gradient_0_stored 1
 k_l2_gradient_0 RES7_l2_gradient_0_written -1
 k_l2_gradient_0 RES10_l3_backward_data 0.16
 c_l2_gradient_0 RES5_l3_backward_data -20.3971783903
 c_l2_gradient_0 RES12_l3_backward_data_read -6.79905946344
 c_l2_gradient_0 RES6_l2_gradient_0_stored -1
 c_l2_gradient_0 RES7_l2_gradient_0_written 1
 s_l2_gradient_0 RES5_l2_backward_weight 20.3971783903
 s_l2_gradient_0 RES12_l2_backward_weight_write 5.09929459758
 s_l2_gradient_0 RES6_l2_gradient_0_after -1
 s_l2_gradient_0 RES8_l2_gradient_0 -1
 s_l2_gradient_0 RES6_l2_gradient_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l2_gradient_0 RES7_l2_gradient_0_written 1
 u_l2_gradient_0 RES8_l2_gradient_0 1
 u_l2_gradient_0 RES7_l2_gradient_1_before -1
 MARKER 'MARKER' 'INTORG'
 k_l2_gradient_1 RES6_l2_gradient_1_before 1
 k_l2_gradient_1 RES6_l2_gradient_1_after 1
 k_l2_gradient_1 RES6_l2_gradient_1_stored 1
 k_l2_gradient_1 RES10_l2_backward_weight 0.16
 c_l2_gradient_1 RES5_l2_backward_weight -20.3971783903
 c_l2_gradient_1 RES12_l2_backward_weight_read -6.79905946344
 c_l2_gradient_1 RES6_l2_gradient_1_stored -1
 c_l2_gradient_1 RES7_l2_gradient_1_before 1
 s_l2_gradient_1 RES5_l2_backward_data 20.3971783903
 s_l2_gradient_1 RES12_l2_backward_data_write 5.09929459758
 s_l2_gradient_1 RES6_l2_gradient_1_after -1
 s_l2_gradient_1 RES8_l2_gradient_1 -1
 s_l2_gradient_1 RES6_l2_gradient_2_before -1
 MARKER 'MARKER' 'INTEND'
 u_l2_gradient_1 RES7_l2_gradient_1_before 1
 u_l2_gradient_1 RES8_l2_gradient_1 1
 MARKER 'MARKER' 'INTORG'
 k_l2_gradient_2 RES6_l2_gradient_2_before 1
 k_l2_gradient_2 RES10_l2_backward_data 0.16
 k_l2_weight_gradient_0 RES5_l2_backward_weight 68.8404770673
 k_l2_weight_gradient_0 RES12_l2_backward_weight_read 22.9468256891
 k_l2_weight_gradient_0 RES6_l2_weight_gradient_0_after 1
 k_l2_weight_gradient_0 RES6_l2_weight_gradient_0_stored 1
 k_l2_weight_gradient_0 RES7_l2_weight_gradient_0_written -1
 k_l2_weight_gradient_0 RES10_l2_backward_weight 0.54
 c_l2_weight_gradient_0 RES5_l2_backward_weight -68.8404770673
 c_l2_weight_gradient_0 RES12_l2_backward_weight_read -22.9468256891
 c_l2_weight_gradient_0 RES6_l2_weight_gradient_0_stored -1
 c_l2_weight_gradient_0 RES7_l2_weight_gradient_0_written 1
 s_l2_weight_gradient_0 RES5_l2_weight_update 68.8404770673
 s_l2_weight_gradient_0 RES12_l2_weight_update_write 17.2101192668
 s_l2_weight_gradient_0 RES6_l2_weight_gradient_0_after -1
 s_l2_weight_gradient_0 RES8_l2_weight_gradient_0 -1
 s_l2_weight_gradient_0 RES6_l2_weight_gradient_1_before -1
 s_l2_weight_gradient_0 RES10_l2_backward_data 0.54
 s_l2_weight_gradient_0 RES10_l1_backward_weight 0.54
 s_l2_weight_gradient_0 RES10_l1_backward_data 0.54
 s_l2_weight_gradient_0 RES10_l0_backward_weight 0.54
 s_l2_weight_gradient_0 RES10_l0_weight_update 0.54
 s_l2_weight_gradient_0 RES10_l1_weight_update 0.54
 MARKER 'MARKER' 'INTEND'
 u_l2_weight_gradient_0 RES7_l2_weight_gradient_0_written 1
 u_l2_weight_gradient_0 RES8_l2_weight_gradient_0 1
 MARKER 'MARKER' 'INTORG'
 q_l2_weight_gradient_0_8 RES5_l2_backward_data -68.8404770673
 q_l2_weight_gradient_0_8 RES12_l2_backward_data_read -22.9468256891
 q_l2_weight_gradient_0_8 RES6_l2_weight_gradient_0_after -1
 q_l2_weight_gradient_0_8 RES6_l2_weight_gradient_0_stored -1
 q_l2_weight_gradient_0_8 RES7_l2_weight_gradient_0_written 1
 q_l2_weight_gradient_0_8 RES10_l2_backward_data 0.54
 k_l2_weight_gradient_1 RES6_l2_weight_gradient_1_before 1
 k_l2_weight_gradient_1 RES10_l2_weight_update 0.54
 p_l2_weight_gradient_1_13 RES5_l1_weight_update -68.8404770673
 p_l2_weight_gradient_1_13 RES12_l1_weight_update_write -17.2101192668
 p_l2_weight_gradient_1_13 RES5_l2_weight_update 68.8404770673
 p_l2_weight_gradient_1_13 RES12_l2_weight_update_write 17.2101192668
 p_l2_weight_gradient_1_13 RES6_l2_weight_gradient_1_before -1
 p_l2_weight_gradient_1_13 RES10_l1_weight_update 0.54
 k_l1_gradient_0 RES5_l2_backward_data 10.1985891952
 k_l1_gradient_0 RES12_l2_backward_data_read 3.39952973172
 k_l1_gradient_0 RES6_l1_gradient_0_after 1
 k_l1_gradient_0 RES6_l1_gradient_0_stored 1
 k_l1_gradient_0 RES7_l1_gradient_0_written -1
 k_l1_gradient_0 RES10_l2_backward_data 0.08
 c_l1_gradient_0 RES5_l2_backward_data -10.1985891952
 c_l1_gradient_0 RES12_l2_backward_data_read -3.39952973172
 c_l1_gradient_0 RES6_l1_gradient_0_stored -1
 c_l1_gradient_0 RES7_l1_gradient_0_written 1
 s_l1_gradient_0 RES5_l1_backward_weight 10.1985891952
 s_l1_gradient_0 RES12_l1_backward_weight_write 2.54964729879
 s_l1_gradient_0 RES6_l1_gradient_0_after -1
 s_l1_gradient_0 RES8_l1_gradient_0 -1
 s_l1_gradient_0 RES6_l1_gradient_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l1_gradient_0 RES7_l1_gradient_0_written 1
 u_l1_gradient_0 RES8_l1_gradient_0 1
 u_l1_gradient_0 RES7_l1_gradient_1_before -1
 MARKER 'MARKER' 'INTORG'
 k_l1_gradient_1 RES3_l1_backward_weight_1 1
 k_l1_gradient_1 RES6_l1_gradient_1_before 1
 k_l1_gradient_1 RES6_l1_gradient_1_after 1
 k_l1_gradient_1 RES6_l1_gradient_1_stored 1
 k_l1_gradient_1 RES10_l1_backward_weight 0.08
 c_l1_gradient_1 RES5_l1_backward_weight -10.1985891952
 c_l1_gradient_1 RES12_l1_backward_weight_read -3.39952973172
 c_l1_gradient_1 RES6_l1_gradient_1_stored -1
 c_l1_gradient_1 RES7_l1_gradient_1_before 1
 s_l1_gradient_1 RES5_l1_backward_data 10.1985891952
 s_l1_gradient_1 RES12_l1_backward_data_write 2.54964729879
 s_l1_gradient_1 RES6_l1_gradient_1_after -1
 s_l1_gradient_1 RES8_l1_gradient_1 -1
 s_l1_gradient_1 RES6_l1_gradient_2_before -1
 MARKER 'MARKER' 'INTEND'
 u_l1_gradient_1 RES7_l1_gradient_1_before 1
 u_l1_gradient_1 RES8_l1_gradient_1 1
 MARKER 'MARKER' 'INTORG'
 k_l1_gradient_2 RES3_l1_backward_data_0 1
 k_l1_gradient_2 RES6_l1_gradient_2_before 1
 k_l1_gradient_2 RES10_l1_backward_data 0.08
 k_l1_weight_gradient_0 RES5_l1_backward_weight 10.1985891952
 k_l1_weight_gradient_0 RES12_l1_backward_weight_read 3.39952973172
 k_l1_weight_gradient_0 RES6_l1_weight_gradient_0_after 1
 k_l1_weight_gradient_0 RES6_l1_weight_gradient_0_stored 1
 k_l1_weight_gradient_0 RES7_l1_weight_gradient_0_written -1
 k_l1_weight_gradient_0 RES10_l1_backward_weight 0.08
 c_l1_weight_gradient_0 RES5_l1_backward_weight -10.1985891952
 c_l1_weight_gradient_0 RES12_l1_backward_weight_read -3.39952973172
 c_l1_weight_gradient_0 RES6_l1_weight_gradient_0_stored -1
 c_l1_weight_gradient_0 RES7_l1_weight_gradient_0_written 1
 s_l1_weight_gradient_0 RES5_l1_weight_update 10.1985891952
 s_l1_weight_gradient_0 RES12_l1_weight_update_write 2.54964729879
 s_l1_weight_gradient_0 RES6_l1_weight_gradient_0_after -1
 s_l1_weight_gradient_0 RES8_l1_weight_gradient_0 -1
 s_l1_weight_gradient_0 RES6_l1_weight_gradient_1_before -1
 s_l1_weight_gradient_0 RES10_l1_backward_data 0.08
 s_l1_weight_gradient_0 RES10_l0_backward_weight 0.08
 s_l1_weight_gradient_0 RES10_l0_weight_update 0.08
 MARKER 'MARKER' 'INTEND'
 u_l1_weight_gradient_0 RES7_l1_weight_gradient_0_written 1
 u_l1_weight_gradient_0 RES8_l1_weight_gradient_0 1
 MARKER 'MARKER' 'INTORG'
 q_l1_weight_gradient_0_10 RES5_l1_backward_data -10.1985891952
 q_l1_weight_gradient_0_10 RES12_l1_backward_data_read -3.39952973172
 q_l1_weight_gradient_0_10 RES6_l1_weight_gradient_0_after -1
 q_l1_weight_gradient_0_10 RES6_l1_weight_gradient_0_stored -1
 q_l1_weight_gradient_0_10 RES7_l1_weight_gradient_0_written 1
 q_l1_weight_gradient_0_10 RES10_l1_backward_data 0.08
 k_l1_weight_gradient_1 RES6_l1_weight_gradient_1_before 1
 k_l1_weight_gradient_1 RES10_l1_weight_update 0.08
 p_l1_weight_gradient_1_12 RES5_l0_weight_update -10.1985891952
 p_l1_weight_gradient_1_12 RES12_l0_weight_update_write -2.54964729879
 p_l1_weight_gradient_1_12 RES5_l1_weight_update 10.1985891952
 p_l1_weight_gradient_1_12 RES12_l1_weight_update_write 2.54964729879
 p_l1_weight_gradient_1_12 RES6_l1_weight_gradient_1_before -1
 p_l1_weight_gradient_1_12 RES10_l0_weight_update 0.08
 k_l0_gradient_0 RES5_l1_backward_data 27.1962378538
 k_l0_gradient_0 RES12_l1_backward_data_read 9.06541261792
 k_l0_gradient_0 RES6_l0_gradient_0_after 1
 k_l0_gradient_0 RES6_l0_gradient_0_stored 1
 k_l0_gradient_0 RES7_l0_gradient_0_written -1
 k_l0_gradient_0 RES10_l1_backward_data 0.213333333333
 c_l0_gradient_0 RES5_l1_backward_data -27.1962378538
 c_l0_gradient_0 RES12_l1_backward_data_read -9.06541261792
 c_l0_gradient_0 RES6_l0_gradient_0_stored -1
 c_l0_gradient_0 RES7_l0_gradient_0_written 1
 s_l0_gradient_0 RES5_l0_backward_weight 27.1962378538
 s_l0_gradient_0 RES12_l0_backward_weight_write 6.79905946344
 s_l0_gradient_0 RES6_l0_gradient_0_after -1
 s_l0_gradient_0 RES8_l0_gradient_0 -1
 s_l0_gradient_0 RES6_l0_gradient_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l0_gradient_0 RES7_l0_gradient_0_written 1
 u_l0_gradient_0 RES8_l0_gradient_0 1
 MARKER 'MARKER' 'INTORG'
 k_l0_gradient_1 RES5_l0_backward_weight 108.784951415
 k_l0_gradient_1 RES12_l0_backward_weight_write 27.1962378538
 k_l0_gradient_1 RES6_l0_gradient_1_before 1
 k_l0_gradient_1 RES10_l0_backward_weight 0.213333333333
 k_l0_weight_gradient_0 RES5_l0_backward_weight 152.978837927
 k_l0_weight_gradient_0 RES12_l0_backward_weight_read 50.9929459758
 k_l0_weight_gradient_0 RES6_l0_weight_gradient_0_after 1
 k_l0_weight_gradient_0 RES6_l0_weight_gradient_0_stored 1
 k_l0_weight_gradient_0 RES7_l0_weight_gradient_0_written -1
 k_l0_weight_gradient_0 RES10_l0_backward_weight 1.2
 c_l0_weight_gradient_0 RES5_l0_backward_weight -152.978837927
 c_l0_weight_gradient_0 RES12_l0_backward_weight_read -50.9929459758
 c_l0_weight_gradient_0 RES6_l0_weight_gradient_0_stored -1
 c_l0_weight_gradient_0 RES7_l0_weight_gradient_0_written 1
 s_l0_weight_gradient_0 RES5_l0_weight_update 152.978837927
 s_l0_weight_gradient_0 RES12_l0_weight_update_write 38.2447094819
 s_l0_weight_gradient_0 RES6_l0_weight_gradient_0_after -1
 s_l0_weight_gradient_0 RES8_l0_weight_gradient_0 -1
 s_l0_weight_gradient_0 RES6_l0_weight_gradient_1_before -1
 MARKER 'MARKER' 'INTEND'
 u_l0_weight_gradient_0 RES7_l0_weight_gradient_0_written 1
 u_l0_weight_gradient_0 RES8_l0_weight_gradient_0 1
 MARKER 'MARKER' 'INTORG'
 k_l0_weight_gradient_1 RES6_l0_weight_gradient_1_before 1
 k_l0_weight_gradient_1 RES10_l0_weight_update 1.2
 k_l0_weight_master_0 RES5_l0_weight_update 611.91535171
 k_l0_weight_master_0 RES12_l0_weight_update_read 203.971783903
 k_l0_weight_master_0 RES6_l0_weight_master_0_before 1
 k_l0_weight_master_0 RES6_l0_weight_master_0_after 1
 k_l0_weight_master_0 RES6_l0_weight_master_0_stored 1
 k_l0_weight_master_0 RES7_l0_weight_master_0_written -1
 k_l0_weight_master_0 RES10_l0_weight_update 4.8
 c_l0_weight_master_0 RES5_l0_weight_update -611.91535171
 c_l0_weight_master_0 RES12_l0_weight_update_read -203.971783903
 c_l0_weight_master_0 RES6_l0_weight_master_0_stored -1
 c_l0_weight_master_0 RES7_l0_weight_master_0_written 1
 MARKER 'MARKER' 'INTEND'
 u_l0_weight_master_0 RES7_l0_weight_master_0_written 1
 u_l0_weight_master_0 RES8_l0_weight_master_0 1
 MARKER 'MARKER' 'INTORG'
 q_l0_weight_master_0_13 RES5_l1_weight_update -611.91535171
 q_l0_weight_master_0_13 RES12_l1_weight_update_read -203.971783903
 q_l0_weight_master_0_13 RES6_l0_weight_master_0_after -1
 q_l0_weight_master_0_13 RES6_l0_weight_master_0_stored -1
 q_l0_weight_master_0_13 RES7_l0_weight_master_0_written 1
 q_l0_weight_master_0_13 RES10_l1_weight_update 4.8
 p_l0_weight_master_0_11 RES5_l0_backward_weight -611.91535171
 p_l0_weight_master_0_11 RES12_l0_backward_weight_write -152.978837927
 p_l0_weight_master_0_11 RES5_l0_weight_update 611.91535171
 p_l0_weight_master_0_11 RES12_l0_weight_update_write 152.978837927
 p_l0_weight_master_0_11 RES6_l0_weight_master_0_before -1
 p_l0_weight_master_0_11 RES10_l0_backward_weight 4.8
 k_l1_weight_master_0 RES5_l1_weight_update 40.7943567806
 k_l1_weight_master_0 RES12_l1_weight_update_read 13.5981189269
 k_l1_weight_master_0 RES6_l1_weight_master_0_before 1
 k_l1_weight_master_0 RES6_l1_weight_master_0_after 1
 k_l1_weight_master_0 RES6_l1_weight_master_0_stored 1
 k_l1_weight_master_0 RES7_l1_weight_master_0_written -1
 k_l1_weight_master_0 RES10_l1_weight_update 0.32
 c_l1_weight_master_0 RES5_l1_weight_update -40.7943567806
 c_l1_weight_master_0 RES12_l1_weight_update_read -13.5981189269
 c_l1_weight_master_0 RES6_l1_weight_master_0_stored -1
 c_l1_weight_master_0 RES7_l1_weight_master_0_written 1
 MARKER 'MARKER' 'INTEND'
 u_l1_weight_master_0 RES7_l1_weight_master_0_written 1
 u_l1_weight_master_0 RES8_l1_weight_master_0 1
 MARKER 'MARKER' 'INTORG'
 q_l1_weight_master_0_14 RES5_l2_weight_update -40.7943567806
 q_l1_weight_master_0_14 RES12_l2_weight_update_read -13.5981189269
 q_l1_weight_master_0_14 RES6_l1_weight_master_0_after -1
 q_l1_weight_master_0_14 RES6_l1_weight_master_0_stored -1
 q_l1_weight_master_0_14 RES7_l1_weight_master_0_written 1
 q_l1_weight_master_0_14 RES10_l2_weight_update 0.32
 p_l1_weight_master_0_12 RES5_l0_weight_update -40.7943567806
 p_l1_weight_master_0_12 RES12_l0_weight_update_write -10.1985891952
 p_l1_weight_master_0_12 RES5_l1_weight_update 40.7943567806
 p_l1_weight_master_0_12 RES12_l1_weight_update_write 10.1985891952
 p_l1_weight_master_0_12 RES6_l1_weight_master_0_before -1
 p_l1_weight_master_0_12 RES10_l0_weight_update 0.32
 k_l2_weight_master_0 RES5_l2_weight_update 275.361908269
 k_l2_weight_master_0 RES12_l2_weight_update_read 91.7873027565
 k_l2_weight_master_0 RES6_l2_weight_master_0_before 1
 k_l2_weight_master_0 RES6_l2_weight_master_0_after 1
 k_l2_weight_master_0 RES6_l2_weight_master_0_stored 1
 k_l2_weight_master_0 RES7_l2_weight_master_0_written -1
 k_l2_weight_master_0 RES10_l2_weight_update 2.16
 c_l2_weight_master_0 RES5_l2_weight_update -275.361908269
 c_l2_weight_master_0 RES12_l2_weight_update_read -91.7873027565
 c_l2_weight_master_0 RES6_l2_weight_master_0_stored -1
 c_l2_weight_master_0 RES7_l2_weight_master_0_written 1
 MARKER 'MARKER' 'INTEND'
 u_l2_weight_master_0 RES7_l2_weight_master_0_written 1
 u_l2_weight_master_0 RES8_l2_weight_master_0 1
 MARKER 'MARKER' 'INTORG'
 q_l2_weight_master_0_15 RES5_l3_weight_update -275.361908269
 q_l2_weight_master_0_15 RES12_l3_weight_update_read -91.7873027565
 q_l2_weight_master_0_15 RES6_l2_weight_master_0_after -1
 q_l2_weight_master_0_15 RES6_l2_weight_master_0_stored -1
 q_l2_weight_master_0_15 RES7_l2_weight_master_0_written 1
 q_l2_weight_master_0_15 RES10_l3_weight_update 2.16
 p_l2_weight_master_0_13 RES5_l1_weight_update -275.361908269
 p_l2_weight_master_0_13 RES12_l1_weight_update_write -68.8404770673
 p_l2_weight_master_0_13 RES5_l2_weight_update 275.361908269
 p_l2_weight_master_0_13 RES12_l2_weight_update_write 68.8404770673
 p_l2_weight_master_0_13 RES6_l2_weight_master_0_before -1
 p_l2_weight_master_0_13 RES10_l1_weight_update 2.16
 k_l3_weight_master_0 RES5_l3_weight_update 550.723816539
 k_l3_weight_master_0 RES12_l3_weight_update_read 183.574605513
 k_l3_weight_master_0 RES6_l3_weight_master_0_before 1
 k_l3_weight_master_0 RES6_l3_weight_master_0_stored 1
 k_l3_weight_master_0 RES7_l3_weight_master_0_written -1
 k_l3_weight_master_0 RES10_l3_weight_update 4.32
 c_l3_weight_master_0 RES5_l3_weight_update -550.723816539
 c_l3_weight_master_0 RES12_l3_weight_update_read -183.574605513
 c_l3_weight_master_0 RES6_l3_weight_master_0_stored -1
 c_l3_weight_master_0 RES7_l3_weight_master_0_written 1
 MARKER 'MARKER' 'INTEND'
 u_l3_weight_master_0 RES7_l3_weight_master_0_written 1
 u_l3_weight_master_0 RES8_l3_weight_master_0 1
 MARKER 'MARKER' 'INTORG'
 p_l3_weight_master_0_14 RES5_l2_weight_update -550.723816539
 p_l3_weight_master_0_14 RES12_l2_weight_update_write -137.680954135
 p_l3_weight_master_0_14 RES5_l3_weight_update 550.723816539
 p_l3_weight_master_0_14 RES12_l3_weight_update_write 137.680954135
 p_l3_weight_master_0_14 RES6_l3_weight_master_0_before -1
 p_l3_weight_master_0_14 RES10_l2_weight_update 4.32
 MARKER 'MARKER' 'INTEND'
RHS
 RHS RES2_l0 1
 RHS RES5_l0 309.357205587
 RHS RES12_l0_read 18.1308252358
 RHS RES12_l0_write 63.7411824698
 RHS RES2_l1 1
 RHS RES5_l1 84.988243293
 RHS RES12_l1_read 6.79905946344
 RHS RES12_l1_write 16.1477662257
 RHS RES2_l2 1
 RHS RES5_l2 130.032012238
 RHS RES12_l2_read 13.5981189269
 RHS RES12_l2_write 22.3094138644
 RHS RES2_l3 1
 RHS RES5_l3 188.67390011
 RHS RES12_l3_read 3.39952973172
 RHS RES12_l3_write 44.6188277288
 RHS RES2_l3_loss 1
 RHS RES5_l3_loss 28.8960027196
 RHS RES12_l3_loss_read 3.96611802034
 RHS RES12_l3_loss_write 4.24941216465
 RHS RES2_l3_backward_weight 1
 RHS RES5_l3_backward_weight 326.354854245
 RHS RES12_l3_backward_weight_read 91.7873027565
 RHS RES12_l3_backward_weight_write 12.748236494
 RHS RES2_l3_backward_data 1
 RHS RES5_l3_backward_data 219.269667696
 RHS RES12_l3_backward_data_read 13.5981189269
 RHS RES12_l3_backward_data_write 44.6188277288
 RHS RES14_l3_backward_data_0_outer 35.6950621831
 RHS RES14_l3_backward_data_0_inner_read 3.39952973172
 RHS RES14_l3_backward_data_0_inner_write 6.37411824698
 RHS RES14_l3_backward_data_1_outer 50.9929459758
 RHS RES14_l3_backward_data_1_inner_read 3.39952973172
 RHS RES14_l3_backward_data_1_inner_write 10.1985891952
 RHS RES14_l3_backward_data_2_outer 50.9929459758
 RHS RES14_l3_backward_data_2_inner_read 3.39952973172
 RHS RES14_l3_backward_data_2_inner_write 10.1985891952
 RHS RES14_l3_backward_data_3_outer 81.5887135613
 RHS RES14_l3_backward_data_3_inner_read 3.39952973172
 RHS RES14_l3_backward_data_3_inner_write 17.8475310915
 RHS RES2_l2_backward_weight 1
 RHS RES5_l2_backward_weight 198.872489306
 RHS RES12_l2_backward_weight_read 45.8936513782
 RHS RES12_l2_backward_weight_write 15.2978837927
 RHS RES2_l2_backward_data 1
 RHS RES5_l2_backward_data 198.872489306
 RHS RES12_l2_backward_data_read 6.79905946344
 RHS RES12_l2_backward_data_write 44.6188277288
 RHS RES2_l1_backward_weight 1
 RHS RES5_l1_backward_weight 95.1868324882
 RHS RES12_l1_backward_weight_read 6.79905946344
 RHS RES12_l1_backward_weight_write 18.6974135245
 RHS RES2_l1_backward_data 1
 RHS RES5_l1_backward_data 84.988243293
 RHS RES12_l1_backward_data_read 18.1308252358
 RHS RES12_l1_backward_data_write 7.64894189637
 RHS RES2_l0_backward_weight 1
 RHS RES5_l0_backward_weight 679.905946344
 RHS RES12_l0_backward_weight_read 101.985891952
 RHS RES12_l0_backward_weight_write 93.4870676223
 RHS RES2_l0_weight_update 1
 RHS RES5_l0_weight_update 2906.59792062
 RHS RES12_l0_weight_update_read 458.936513782
 RHS RES12_l0_weight_update_write 382.447094819
 RHS RES2_l1_weight_update 1
 RHS RES5_l1_weight_update 193.773194708
 RHS RES12_l1_weight_update_read 30.5957675855
 RHS RES12_l1_weight_update_write 25.4964729879
 RHS RES2_l2_weight_update 1
 RHS RES5_l2_weight_update 1307.96906428
 RHS RES12_l2_weight_update_read 206.521431202
 RHS RES12_l2_weight_update_write 172.101192668
 RHS RES2_l3_weight_update 1
 RHS RES5_l3_weight_update 2615.93812856
 RHS RES12_l3_weight_update_read 413.042862404
 RHS RES12_l3_weight_update_write 344.202385337
 RHS RES9_l2_2_4 2
 RHS RES10_l0 1
 RHS RES10_l1 1
 RHS RES10_l2 1
 RHS RES10_l3 1
 RHS RES10_l3_loss 1
 RHS RES10_l3_backward_weight 1
 RHS RES10_l3_backward_data 1
 RHS RES10_l2_backward_weight 1
 RHS RES10_l2_backward_data 1
 RHS RES10_l1_backward_weight 1
 RHS RES10_l1_backward_data 1
 RHS RES10_l0_backward_weight 1
 RHS RES10_l0_weight_update 1
 RHS RES10_l1_weight_update 1
 RHS RES10_l2_weight_update 1
 RHS RES10_l3_weight_update 1
BOUNDS
 BV BOUND z_l0_0
 BV BOUND z_l0_1
 BV BOUND z_l1_0
 BV BOUND z_l1_1
 BV BOUND z_l2_0
 BV BOUND z_l2_1
 BV BOUND z_l3_0
 BV BOUND z_l3_1
 BV BOUND z_l3_loss_0
 BV BOUND z_l3_backward_weight_0
 BV BOUND z_l3_backward_weight_1
 BV BOUND z_l3_backward_data_0
 BV BOUND z_l2_backward_weight_0
 BV BOUND z_l2_backward_weight_1
 BV BOUND z_l2_backward_data_0
 BV BOUND z_l1_backward_weight_0
 BV BOUND z_l1_backward_weight_1
 BV BOUND z_l1_backward_weight_2
 BV BOUND z_l1_backward_weight_3
 BV BOUND z_l1_backward_data_0
 BV BOUND z_l1_backward_data_1
 BV BOUND z_l1_backward_data_2
 BV BOUND z_l1_backward_data_3
 BV BOUND z_l0_backward_weight_0
 BV BOUND z_l0_weight_update_0
 BV BOUND z_l1_weight_update_0
 BV BOUND z_l2_weight_update_0
 BV BOUND z_l3_weight_update_0
 UP BOUND k_input_0 2
 UP BOUND s_input_0 2
 UP BOUND k_input_1 2
 UP BOUND p_input_1_10 2
 UP BOUND k_l0_weight_0 2
 UP BOUND k_l0_weight_1 2
 UP BOUND c_l0_weight_1 2
 UP BOUND u_l0_weight_1 2
 UP BOUND q_l0_weight_1_13 2
 UP BOUND k_l0_0 2
 UP BOUND c_l0_0 2
 UP BOUND s_l0_0 2
 UP BOUND u_l0_0 2
 UP BOUND k_l0_1 2
 UP BOUND c_l0_1 2
 UP BOUND s_l0_1 2
 UP BOUND u_l0_1 2
 UP BOUND q_l0_1_2 2
 UP BOUND k_l0_2 2
 UP BOUND p_l0_2_8 2
 UP BOUND k_l1_weight_0 2
 UP BOUND s_l1_weight_0 2
 UP BOUND k_l1_weight_1 2
 UP BOUND k_l1_weight_2 2
 UP BOUND c_l1_weight_2 2
 UP BOUND u_l1_weight_2 2
 UP BOUND q_l1_weight_2_14 2
 UP BOUND p_l1_weight_0_0 2
 UP BOUND p_l1_weight_1_9 2
 UP BOUND k_l1_0 2
 UP BOUND c_l1_0 2
 UP BOUND s_l1_0 2
 UP BOUND u_l1_0 2
 UP BOUND k_l1_1 2
 UP BOUND c_l1_1 2
 UP BOUND s_l1_1 2
 UP BOUND u_l1_1 2
 UP BOUND q_l1_1_3 2
 UP BOUND k_l1_2 2
 UP BOUND p_l1_2_6 2
 UP BOUND k_l2_weight_0 2
 UP BOUND s_l2_weight_0 2
 UP BOUND k_l2_weight_1 2
 UP BOUND k_l2_weight_2 2
 UP BOUND c_l2_weight_2 2
 UP BOUND u_l2_weight_2 2
 UP BOUND q_l2_weight_2_15 2
 UP BOUND p_l2_weight_0_1 2
 UP BOUND p_l2_weight_1_7 2
 UP BOUND k_l2_0 2
 UP BOUND c_l2_0 2
 UP BOUND s_l2_0 2
 UP BOUND u_l2_0 2
 UP BOUND k_l2_1 2
 UP BOUND c_l2_1 2
 UP BOUND s_l2_1 2
 UP BOUND u_l2_1 2
 UP BOUND q_l2_1_4 2
 UP BOUND k_l2_2 2
 UP BOUND p_l2_2_4 2
 UP BOUND k_l3_weight_0 2
 UP BOUND s_l3_weight_0 2
 UP BOUND k_l3_weight_1 2
 UP BOUND k_l3_weight_2 2
 UP BOUND c_l3_weight_2 2
 UP BOUND u_l3_weight_2 2
 UP BOUND p_l3_weight_0_2 2
 UP BOUND p_l3_weight_1_5 2
 UP BOUND k_l3_0 2
 UP BOUND c_l3_0 2
 UP BOUND s_l3_0 2
 UP BOUND u_l3_0 2
 UP BOUND k_l3_1 2
 UP BOUND k_l3_target_0 2
 UP BOUND p_l3_target_0_3 2
 UP BOUND k_l3_loss_0 2
 UP BOUND c_l3_loss_0 2
 UP BOUND u_l3_loss_0 2
 UP BOUND q_l3_loss_0_5 2
 UP BOUND k_l3_gradient_0 2
 UP BOUND c_l3_gradient_0 2
 UP BOUND s_l3_gradient_0 2
 UP BOUND u_l3_gradient_0 2
 UP BOUND k_l3_gradient_1 2
 UP BOUND c_l3_gradient_1 2
 UP BOUND s_l3_gradient_1 2
 UP BOUND u_l3_gradient_1 2
 UP BOUND k_l3_gradient_2 2
 UP BOUND k_l3_weight_gradient_0 2
 UP BOUND c_l3_weight_gradient_0 2
 UP BOUND s_l3_weight_gradient_0 2
 UP BOUND u_l3_weight_gradient_0 2
 UP BOUND q_l3_weight_gradient_0_6 2
 UP BOUND k_l3_weight_gradient_1 2
 UP BOUND p_l3_weight_gradient_1_14 2
 UP BOUND k_l2_gradient_0 2
 UP BOUND c_l2_gradient_0 2
 UP BOUND s_l2_gradient_0 2
 UP BOUND u_l2_gradient_0 2
 UP BOUND k_l2_gradient_1 2
 UP BOUND c_l2_gradient_1 2
 UP BOUND s_l2_gradient_1 2
 UP BOUND u_l2_gradient_1 2
 UP BOUND k_l2_gradient_2 2
 UP BOUND k_l2_weight_gradient_0 2
 UP BOUND c_l2_weight_gradient_0 2
 UP BOUND s_l2_weight_gradient_0 2
 UP BOUND u_l2_weight_gradient_0 2
 UP BOUND q_l2_weight_gradient_0_8 2
 UP BOUND k_l2_weight_gradient_1 2
 UP BOUND p_l2_weight_gradient_1_13 2
 UP BOUND k_l1_gradient_0 2
 UP BOUND c_l1_gradient_0 2
 UP BOUND s_l1_gradient_0 2
 UP BOUND u_l1_gradient_0 2
 UP BOUND k_l1_gradient_1 2
 UP BOUND c_l1_gradient_1 2
 UP BOUND s_l1_gradient_1 2
 UP BOUND u_l1_gradient_1 2
 UP BOUND k_l1_gradient_2 2
 UP BOUND k_l1_weight_gradient_0 2
 UP BOUND c_l1_weight_gradient_0 2
 UP BOUND s_l1_weight_gradient_0 2
 UP BOUND u_l1_weight_gradient_0 2
 UP BOUND q_l1_weight_gradient_0_10 2
 UP BOUND k_l1_weight_gradient_1 2
 UP BOUND p_l1_weight_gradient_1_12 2
 UP BOUND k_l0_gradient_0 2
 UP BOUND c_l0_gradient_0 2
 UP BOUND s_l0_gradient_0 2
 UP BOUND u_l0_gradient_0 2
 UP BOUND k_l0_gradient_1 2
 UP BOUND k_l0_weight_gradient_0 2
 UP BOUND c_l0_weight_gradient_0 2
 UP BOUND s_l0_weight_gradient_0 2
 UP BOUND u_l0_weight_gradient_0 2
 UP BOUND k_l0_weight_gradient_1 2
 UP BOUND k_l0_weight_master_0 2
 UP BOUND c_l0_weight_master_0 2
 UP BOUND u_l0_weight_master_0 2
 UP BOUND q_l0_weight_master_0_13 2
 UP BOUND p_l0_weight_master_0_11 2
 UP BOUND k_l1_weight_master_0 2
 UP BOUND c_l1_weight_master_0 2
 UP BOUND u_l1_weight_master_0 2
 UP BOUND q_l1_weight_master_0_14 2
 UP BOUND p_l1_weight_master_0_12 2
 UP BOUND k_l2_weight_master_0 2
 UP BOUND c_l2_weight_master_0 2
 UP BOUND u_l2_weight_master_0 2
 UP BOUND q_l2_weight_master_0_15 2
 UP BOUND p_l2_weight_master_0_13 2
 UP BOUND k_l3_weight_master_0 2
 UP BOUND c_l3_weight_master_0 2
 UP BOUND u_l3_weight_master_0 2
 UP BOUND p_l3_weight_master_0_14 2
ENDATA
