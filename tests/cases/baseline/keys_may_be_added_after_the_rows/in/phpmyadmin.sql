-- phpMyAdmin SQL Dump
-- version 5.2.1
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

/*!40101 SET NAMES utf8mb4 */;

CREATE TABLE `rooms` (
  `id` int(11) NOT NULL,
  `key` varchar(10) NOT NULL,
  `label` varchar(40) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'a, (b' COMMENT 'NOT NULL; DEFAULT'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO `rooms` (`label`, `id`, `key`) VALUES
('Sun # 1 -- east', 1, 'S'),
('Moon /* 2 */', 2, 'M'); # a remark

CREATE TABLE `stays` (
  `room` int(11) NOT NULL,
  `night` date NOT NULL,
  `state` enum('ok','it''s off') NOT NULL DEFAULT 'ok',
  `price` int(11) DEFAULT NULL,
  `taken` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
);

INSERT INTO `stays` (`room`, `night`, `state`, `price`, `taken`) VALUES
(1, '2026-05-01', 'ok', 9000, '2026-04-01 10:00:00'),
(2, '2026-05-01', 'it\'s off', NULL, NULL);

DELIMITER $$
CREATE TRIGGER `t` BEFORE INSERT ON `stays` FOR EACH ROW BEGIN
  IF NEW.price < 0 THEN SET NEW.price = 0; END IF; -- it's fine
END
$$
DELIMITER ;

ALTER TABLE `rooms`
  ADD PRIMARY KEY (`id`),
  ADD UNIQUE KEY `label` (`label`(10)),
  ADD KEY `k` (`key`);
ALTER TABLE `stays`
  ADD PRIMARY KEY (`room`,`night`);
ALTER TABLE `rooms`
  MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;
ALTER TABLE `stays`
  ADD CONSTRAINT `r` FOREIGN KEY (`room`) REFERENCES `rooms` (`id`) ON DELETE SET NULL;
COMMIT;
