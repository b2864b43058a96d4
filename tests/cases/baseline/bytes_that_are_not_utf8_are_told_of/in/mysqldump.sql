-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!50503 SET NAMES utf8mb4 */;
CREATE TABLE `visits` (`id` int NOT NULL AUTO_INCREMENT, `who` varchar(40) DEFAULT NULL, `at` datetime DEFAULT NULL, `scan` blob, PRIMARY KEY (`id`)) ENGINE=InnoDB;
INSERT INTO `visits` VALUES (1,'René','2026-01-01 00:00:00',_binary '\0ÿ\'\\;('),(2,'ZoÃ«','2026-01-02 00:00:00',0xFF00),(3,'Müller','2026-01-03 00:00:00',NULL);
-- Dump completed
