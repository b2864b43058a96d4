/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: clinic
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Table structure for table `chairs`
--

DROP TABLE IF EXISTS `chairs`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `chairs` (
  `code` char(4) NOT NULL,
  `label` varchar(50) NOT NULL COMMENT 'it''s; a chair',
  `door` varchar(50) DEFAULT NULL,
  PRIMARY KEY (`code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `chairs`
--

LOCK TABLES `chairs` WRITE;
/*!40000 ALTER TABLE `chairs` DISABLE KEYS */;
INSERT INTO `chairs` VALUES
('a1','診察室 1','1-A'),
('b2','診察室 2',NULL);
/*!40000 ALTER TABLE `chairs` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Temporary table structure for view `open`
--

DROP TABLE IF EXISTS `open`;
/*!50001 DROP VIEW IF EXISTS `open`*/;
SET @saved_cs_client     = @@character_set_client;
SET character_set_client = utf8mb4;
/*!50001 CREATE VIEW `open` AS SELECT
 NULL AS `no`,
 NULL AS `patient`,
 NULL AS `chair`,
 NULL AS `開始`,
 NULL AS `終了`,
 NULL AS `st`,
 NULL AS `yen`,
 NULL AS `made` */;
SET character_set_client = @saved_cs_client;

--
-- Table structure for table `payments`
--

DROP TABLE IF EXISTS `payments`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `payments` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `booking` varchar(20) NOT NULL,
  `charge` varchar(64) NOT NULL,
  `amount` decimal(12,2) NOT NULL,
  `back` decimal(12,2) NOT NULL DEFAULT 0.00,
  `paid` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `net` decimal(12,2) GENERATED ALWAYS AS (`amount` - `back`) STORED,
  PRIMARY KEY (`id`),
  UNIQUE KEY `payments_charge` (`charge`),
  KEY `b` (`booking`),
  CONSTRAINT `pb` FOREIGN KEY (`booking`) REFERENCES `予約` (`no`) ON DELETE CASCADE
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `payments`
--

LOCK TABLES `payments` WRITE;
/*!40000 ALTER TABLE `payments` DISABLE KEYS */;
INSERT INTO `payments` VALUES
(1,'C-001','ch_a',5500.00,0.00,'2026-01-05 01:02:00',5500.00),
(2,'C-002','ch_b',12000.00,12000.00,'2026-01-06 14:32:00',0.00);
/*!40000 ALTER TABLE `payments` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `予約`
--

DROP TABLE IF EXISTS `予約`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `予約` (
  `no` varchar(20) NOT NULL,
  `patient` int(10) unsigned NOT NULL,
  `chair` char(4) DEFAULT NULL,
  `開始` timestamp NOT NULL DEFAULT '1999-12-31 15:00:00',
  `終了` timestamp NOT NULL DEFAULT '1999-12-31 15:00:00',
  `st` enum('予約済','キャンセル','来院済') NOT NULL DEFAULT '予約済',
  `yen` int(11) NOT NULL,
  `made` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`no`),
  KEY `patient` (`patient`),
  KEY `c` (`chair`),
  CONSTRAINT `c` FOREIGN KEY (`chair`) REFERENCES `chairs` (`code`) ON DELETE SET NULL,
  CONSTRAINT `予約_ibfk_1` FOREIGN KEY (`patient`) REFERENCES `患者` (`id`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`終了` > `開始`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `予約`
--

LOCK TABLES `予約` WRITE;
/*!40000 ALTER TABLE `予約` DISABLE KEYS */;
INSERT INTO `予約` VALUES
('C-001',1,'a1','2026-02-20 06:00:00','2026-02-20 06:45:00','予約済',5500,'2026-01-05 01:01:00'),
('C-002',2,'b2','2026-02-21 00:30:00','2026-02-21 01:00:00','キャンセル',12000,'2026-01-06 14:31:00'),
('C-003',3,NULL,'2026-02-21 15:00:00','2026-02-21 16:00:00','来院済',0,'2026-01-06 15:01:00');
/*!40000 ALTER TABLE `予約` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER touched BEFORE UPDATE ON `予約` FOR EACH ROW BEGIN SET NEW.made = now(); SET @x = ';'; END 
*/;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Table structure for table `患者`
--

DROP TABLE IF EXISTS `患者`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `患者` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `sei` varchar(60) NOT NULL,
  `mei` varchar(60) NOT NULL,
  `mail` varchar(100) DEFAULT NULL,
  `tel` varchar(40) DEFAULT NULL,
  `登録` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`id`),
  UNIQUE KEY `mail` (`mail`)
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `患者`
--

LOCK TABLES `患者` WRITE;
/*!40000 ALTER TABLE `患者` DISABLE KEYS */;
INSERT INTO `患者` VALUES
(1,'山田','花子','hanako@shika.example','+81 90-1234-5678','2026-01-05 01:00:00'),
(2,'O\'Brien','Seán','sean@mail.example',NULL,'2026-01-06 14:30:00'),
(3,'Back\\slash','Tab	here','x;y@mail.example','06-1111-2222; -- no comment','2026-01-06 15:00:00'),
(4,'Line\nbreak','\"quoted\" `ticks` $$ \\. /* no */',NULL,'','2026-02-28 03:00:00');
/*!40000 ALTER TABLE `患者` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Dumping routines for database 'clinic'
--

--
-- Final view structure for view `open`
--

/*!50001 DROP VIEW IF EXISTS `open`*/;
/*!50001 SET @saved_cs_client          = @@character_set_client */;
/*!50001 SET @saved_cs_results         = @@character_set_results */;
/*!50001 SET @saved_col_connection     = @@collation_connection */;
/*!50001 SET character_set_client      = utf8mb4 */;
/*!50001 SET character_set_results     = utf8mb4 */;
/*!50001 SET collation_connection      = utf8mb4_general_ci */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `open` AS select `予約`.`no` AS `no`,`予約`.`patient` AS `patient`,`予約`.`chair` AS `chair`,`予約`.`開始` AS `開始`,`予約`.`終了` AS `終了`,`予約`.`st` AS `st`,`予約`.`yen` AS `yen`,`予約`.`made` AS `made` from `予約` where `予約`.`st` = '予約済' */;
/*!50001 SET character_set_client      = @saved_cs_client */;
/*!50001 SET character_set_results     = @saved_cs_results */;
/*!50001 SET collation_connection      = @saved_col_connection */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-20 23:55:33
